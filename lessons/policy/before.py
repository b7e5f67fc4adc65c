"""The check of before, until every endpoint asks `authorize`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lessons.errors import NotAllowed
from lessons.events import LearningEvent
from lessons.policy.actions import Action
from lessons.policy.credential import Credential
from lessons.roles import Role

_READING = frozenset({Action.READ_LESSON, Action.READ_EVENTS, Action.READ_CAPTIONS})
_TAKING_PART = _READING | {Action.PUBLISH, Action.POST_EVENTS}
_ASSISTING = _TAKING_PART | {Action.CORRECT_CAPTIONS}
_TEACHING = _ASSISTING | {Action.START_LESSON, Action.END_LESSON, Action.PROCESS_RECORDING}

ALLOWED: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.INSTRUCTOR: _TEACHING,
        Role.TEACHING_ASSISTANT: _ASSISTING,
        Role.LEARNER: _TAKING_PART,
        Role.OBSERVER: _READING,
        Role.ADMINISTRATOR: _TEACHING | {Action.ADD_PARTICIPANT, Action.MINT_TOKEN},
        Role.INSTITUTIONAL_CLIENT: _READING | {Action.POST_EVENTS},
        Role.GUARDIAN: _READING,
    }
)
"""What a participant token of each role covers in its own lesson; an API key covers everything."""

_SEES_EVERYBODY = frozenset(
    {
        Role.INSTRUCTOR,
        Role.TEACHING_ASSISTANT,
        Role.ADMINISTRATOR,
        Role.INSTITUTIONAL_CLIENT,
    }
)


def require(credential: Credential, action: Action, lesson_id: str | None) -> None:
    """Let the action pass, or say why not.

    Args:
        lesson_id: the lesson that it is about; None for actions on the tenant.

    Raises:
        NotAllowed: the role does not cover the action, or the token is for another lesson.
    """
    if credential.kind == "api_key":
        return
    role = credential.role
    if role is None or action not in ALLOWED[role]:
        raise NotAllowed(
            f"The role {role or 'none'} may not {action.replace('_', ' ')}.",
            field="Authorization",
            fix="Use an API key, or a token whose role covers it.",
        )
    if lesson_id is None or credential.lesson_id != lesson_id:
        raise NotAllowed(
            "The token is for another lesson.",
            field="Authorization",
            fix="Mint a token for a participant of this lesson.",
        )


def may_see(credential: Credential, event: LearningEvent) -> bool:
    """Tell whether the credential may read this event of its lesson.

    What one learner answered, achieved or attended to is for those who teach, and for that learner.
    """
    if credential.kind == "api_key" or credential.role in _SEES_EVERYBODY:
        return True
    return event.is_for(credential.participant_id or "")
