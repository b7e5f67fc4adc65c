"""What an API key can be limited to: groups of resources, each to read or to write."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
        Resource.RECORDING: "recordings",
        Resource.LEARNER_RECORD: "records",
        Resource.BRIEFING: "records",
        Resource.AGGREGATE: "aggregates",
        Resource.CONSENT: "privacy",
        Resource.RETENTION: "privacy",
        Resource.PERSONAL_EXPORT: "privacy",
        Resource.AUDIT: "audit",
        Resource.DISCLOSURE: "audit",
        Resource.WEBHOOK: "webhooks",
        Resource.WORKER: "installation",
        Resource.MODEL: "installation",
    }
)
"""The group that each resource belongs to."""

_READING = frozenset({Action.READ, Action.LIST})


def scope_of(action: Action, resource: Resource) -> str:
    """Return the scope that covers an action, such as `lessons:read`."""
    return f"{SCOPE_GROUPS[resource]}:{'read' if action in _READING else 'write'}"


SCOPES: tuple[str, ...] = tuple(
    f"{group}:{mode}" for group in sorted(set(SCOPE_GROUPS.values())) for mode in ("read", "write")
)
"""Every scope that a key can be given."""
