"""Homework: what is to be done until later, and that it was done."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import AwareDatetime, Field, model_validator

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import FullScore, Milliseconds, Name, Score, Title

MAX_PEOPLE = 1_000
MAX_OBJECTIVES = 100


class HomeworkAssigned(EventData):
    """Something is to be done after the lesson."""

    type = "homework.assigned"
    shared = True
    by_teachers = True
    after_lesson = True
    example: ClassVar = {
        "homework_id": "homework-12",
        "title": "Worksheet 4, exercises 1 to 6",
        "objective_ids": ["fractions.add"],
        "due_at": "2026-11-29T08:00:00Z",
        "participant_ids": None,
    }

    homework_id: Name = Field(description="The platform's id of the homework")
    title: Title = Field(description="What is to be done")
    instructions: str | None = Field(
        default=None, max_length=5_000, description="More about it, as the learner reads it"
    )
    objective_ids: list[Name] = Field(
        default_factory=list, max_length=MAX_OBJECTIVES, description="Objectives that it practises"
    )
    due_at: AwareDatetime | None = Field(default=None, description="Until when; null: no date")
    participant_ids: list[Name] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_PEOPLE,
        description="Who is to do it; null: every learner of the lesson",
    )

    def readers(self) -> frozenset[str] | None:
        """Return who is to do it; None for everybody."""
        return None if self.participant_ids is None else frozenset(self.participant_ids)


class HomeworkCompleted(EventData):
    """The subject did the homework."""

    type = "homework.completed"
    needs_subject = True
    after_lesson = True
    example: ClassVar = {
        "homework_id": "homework-12",
        "score": 5,
        "max_score": 6,
        "duration_ms": 1500000,
    }

    homework_id: Name = Field(description="The homework that was done")
    score: Score | None = Field(default=None, description="Points reached; null: not marked")
    max_score: FullScore | None = Field(default=None, description="Points that could be reached")
    duration_ms: Milliseconds | None = Field(default=None, description="Time spent on it")

    @model_validator(mode="after")
    def _score_has_its_scale(self) -> Self:
        if self.score is not None and self.max_score is None:
            raise ValueError("score needs max_score")
        return self


HOMEWORK = Family(
    "homework",
    "Homework",
    "What was set and what was done. The two meet by `homework_id`, across a course's lessons.",
    posted=(HomeworkAssigned, HomeworkCompleted),
)
