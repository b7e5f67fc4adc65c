"""What an API key can be limited to: groups of resources, each to read or to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from lessons.errors import InvalidInput
from lessons.policy.actions import Action, Resource

SCOPE_GROUPS: Mapping[Resource, str] = MappingProxyType(
    {
        Resource.TENANT: "tenants",
        Resource.MEMBER: "people",
        Resource.CONTRACT: "contracts",
        Resource.API_KEY: "keys",
        Resource.COURSE: "courses",
        Resource.OBJECTIVE: "courses",
        Resource.LESSON: "lessons",
        Resource.PARTICIPANT: "lessons",
        Resource.MEDIA: "lessons",
        Resource.SAMPLE: "lessons",
        Resource.EVENT: "events",
        Resource.CAPTION: "captions",
        Resource.CAPTION_OUTPUT: "captions",
        Resource.ACCESSIBILITY: "captions",
        Resource.RECORDING: "recordings",
        Resource.LEARNER_RECORD: "records",
        Resource.BRIEFING: "records",
        Resource.RECAP: "recaps",
        Resource.AGGREGATE: "aggregates",
        Resource.ENGAGEMENT: "events",
        Resource.ENGAGEMENT_AGGREGATE: "aggregates",
        Resource.SUMMARY: "records",
        Resource.CONSENT: "privacy",
        Resource.RETENTION: "privacy",
        Resource.PERSONAL_EXPORT: "privacy",
        Resource.AUDIT: "audit",
        Resource.DISCLOSURE: "audit",
        Resource.WEBHOOK: "webhooks",
        Resource.WORKER: "installation",
        Resource.MODEL: "installation",
        Resource.TRANSCRIPTION: "transcriptions",
    }
)
"""The group that each resource belongs to."""

_READING = frozenset({Action.READ, Action.LIST})
_MINTING = "tokens:write"
"""A scope of its own: a token acts as somebody, and may do what that somebody may."""


def scope_of(action: Action, resource: Resource) -> str:
    """Return the scope that covers an action, such as `lessons:read`."""
    if action is Action.MINT:
        return _MINTING
    return f"{SCOPE_GROUPS[resource]}:{'read' if action in _READING else 'write'}"


SCOPES: tuple[str, ...] = (
    *(
        f"{group}:{mode}"
        for group in sorted(set(SCOPE_GROUPS.values()))
        for mode in ("read", "write")
    ),
    _MINTING,
)
"""Every scope that a key can be given. To write is not to read: a key may need both."""


def known_scopes(names: Iterable[str]) -> frozenset[str]:
    """Return the scopes of these names.

    Raises:
        InvalidInput: a name is no scope, or there is none at all.
    """
    scopes = frozenset(names)
    if not scopes:
        raise InvalidInput(
            "A key without any scope is good for nothing.",
            field="scopes",
            fix="Name at least one scope, or leave 'scopes' out for all of them.",
        )
    for name in sorted(scopes):
        if name not in SCOPES:
            near = get_close_matches(name, SCOPES, n=1)
            raise InvalidInput(
                f"{name!r} is not a scope.",
                field="scopes",
                fix=f"Did you mean {near[0]!r}?" if near else f"Scopes: {', '.join(SCOPES)}.",
            )
    return scopes
