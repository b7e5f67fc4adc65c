"""Events of the lesson itself."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family


class LessonStarted(EventData):
    """The lesson clock began to run."""

    type = "lesson.started"
    shared = True
    example: ClassVar = {"title": "Fractions, lesson 3", "language": "en"}

    title: str = Field(description="Title of the lesson")
    language: str = Field(description="ISO 639-1 code of the spoken language")


class LessonEnded(EventData):
    """The lesson was ended; no track can be published any more."""

    type = "lesson.ended"
    shared = True
    example: ClassVar = {"duration_ms": 2700000}

    duration_ms: int = Field(ge=0, description="Length of the lesson")


LESSON = Family(
    "lesson",
    "Lesson",
    "The beginning and the end of the lesson clock, on which every other event lies.",
    recorded=(LessonStarted, LessonEnded),
)
