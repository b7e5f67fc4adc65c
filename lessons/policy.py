"""Who may do what: one table from role and action to yes or no, and the check itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from lessons.errors import NotAllowed
from lessons.events import (
    ActivityCounted,
    AssessmentSubmitted,
    AttentionBlurred,
    AttentionFocused,
    LearningEvent,
    MilestoneReached,
    PollAnswered,
)
from lessons.roles import Role


class Action(StrEnum):
    """What a credential can be used for."""

    CREATE_LESSON = "create_lesson"
    LIST_LESSONS = "list_lessons"
    READ_LESSON = "read_lesson"
    START_LESSON = "start_lesson"
    END_LESSON = "end_lesson"
    ADD_PARTICIPANT = "add_participant"
    MINT_TOKEN = "mint_token"  # noqa: S105 - the name of an action
    PUBLISH = "publish"
    READ_EVENTS = "read_events"
    POST_EVENTS = "post_events"
    READ_CAPTIONS = "read_captions"
    CORRECT_CAPTIONS = "correct_captions"
    PROCESS_RECORDING = "process_recording"
    READ_WORKERS = "read_workers"


@dataclass(frozen=True, slots=True)
class Credential:
    """Who asks. An API key speaks for its whole tenant, a participant for one lesson.

    Attributes:
        lesson_id, participant_id, role, name: of a participant; None for an API key.
        api_key_id: of an API key; None for a participant.
    """

    tenant_id: str
    kind: Literal["api_key", "participant"]
    lesson_id: str | None = None
    participant_id: str | None = None
    role: Role | None = None
    name: str | None = None
    api_key_id: str | None = None


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
_PERSONAL_TYPES = frozenset(
    data.type
    for data in (
        PollAnswered,
        AssessmentSubmitted,
        MilestoneReached,
        AttentionFocused,
        AttentionBlurred,
        ActivityCounted,
    )
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
    return event.type not in _PERSONAL_TYPES or event.subject == credential.participant_id
