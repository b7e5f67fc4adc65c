"""Events of the lesson itself and of who is in it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.roles import Role


class LessonStarted(EventData):
    """The lesson clock began to run."""

    type = "lesson.started"
    example: ClassVar = {"title": "Fractions, lesson 3", "language": "en"}

    title: str
    language: str = Field(description="ISO 639-1 code of the spoken language")


class LessonEnded(EventData):
    """The lesson was ended; no track can be published any more."""

    type = "lesson.ended"
    example: ClassVar = {"duration_ms": 2700000}

    duration_ms: int = Field(ge=0)


class ParticipantJoined(EventData):
    """A participant connected to the lesson."""

    type = "participant.joined"
    example: ClassVar = {
        "participant_id": "par_01kb9x5t7v0000000000000000",
        "name": "Ada",
        "role": "learner",
    }

    participant_id: str
    name: str
    role: Role


class ParticipantLeft(EventData):
    """A participant's connection ended; the reason says how."""

    type = "participant.left"
    example: ClassVar = {"participant_id": "par_01kb9x5t7v0000000000000000", "reason": "left"}

    participant_id: str
    reason: str = Field(description="`left`, `connection lost`, `worker lost` or `lesson ended`")
