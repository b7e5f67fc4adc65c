"""Assessments: quizzes, exercises and tests, from their start to their marking."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Count, FullScore, Milliseconds, Name, Ordinal, Score

MAX_ITEMS = 500
MAX_RESPONSE_CHARACTERS = 10_000
MAX_FEEDBACK_CHARACTERS = 5_000

_ITEMS = [
    {"item_id": "q1", "objective_id": "fractions.compare", "score": 1, "max_score": 1},
    {"item_id": "q2", "objective_id": "fractions.add", "score": 0, "max_score": 1},
]


class AssessmentItem(BaseModel):
    """The outcome of one item of an assessment."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    item_id: Name = Field(description="The platform's id of the item")
    objective_id: Name | None = Field(default=None, description="Objective that the item tests")
    score: Score = Field(description="Points reached")
    max_score: FullScore = Field(description="Points that could be reached")


class _Scored(EventData):
    """What has a score, whole or not at all."""

    score: Score | None = Field(default=None, description="Points reached; null: not marked yet")
    max_score: FullScore | None = Field(default=None, description="Points that could be reached")

    @model_validator(mode="after")
    def _score_has_its_scale(self) -> Self:
        if self.score is not None and self.max_score is None:
            raise ValueError("score needs max_score")
        return self


class AssessmentStarted(EventData):
    """The subject began an attempt at a quiz, exercise or test."""

    type = "assessment.started"
    needs_subject = True
    example: ClassVar = {
        "assessment_id": "quiz-3",
        "attempt": 1,
        "title": "Comparing fractions",
        "item_count": 2,
        "time_limit_ms": 600000,
    }

    assessment_id: Name = Field(description="The platform's id of the assessment")
    attempt: Ordinal = Field(default=1, description="Which attempt of this learner, from 1")
    title: str | None = Field(default=None, max_length=500, description="As the learner reads it")
    item_count: Count | None = Field(default=None, description="How many items it has")
    time_limit_ms: Milliseconds | None = Field(default=None, description="Time allowed")
    objective_id: Name | None = Field(
        default=None, description="Objective of the whole, where it has one"
    )


class AssessmentItemAnswered(_Scored):
    """The subject answered one item: the smallest piece of evidence on an objective."""

    type = "assessment.item_answered"
    needs_subject = True
    after_lesson = True
    example: ClassVar = {
        "assessment_id": "quiz-3",
        "item_id": "q1",
        "attempt": 1,
        "response": "2/3",
        "correct": True,
        "score": 1,
        "max_score": 1,
        "duration_ms": 21400,
        "objective_id": "fractions.compare",
        "hints": 0,
    }

    assessment_id: Name | None = Field(
        default=None, description="The assessment; null for an exercise that stands alone"
    )
    item_id: Name = Field(description="The platform's id of the item")
    attempt: Ordinal = Field(
        default=1, description="Which try of this learner at this item, from 1"
    )
    response: str | None = Field(
        default=None,
        max_length=MAX_RESPONSE_CHARACTERS,
        description="The answer as text; null where the platform keeps it to itself",
    )
    correct: bool | None = Field(
        default=None, description="Whether it is right; null where that is not yes or no"
    )
    duration_ms: Milliseconds | None = Field(
        default=None, description="From seeing the item to answering it"
    )
    objective_id: Name | None = Field(default=None, description="Objective that the item tests")
    hints: Count = Field(default=0, description="Hints taken before this answer")


class AssessmentSubmitted(_Scored):
    """The subject handed in a quiz, exercise or test; without scores it is not marked yet."""

    type = "assessment.submitted"
    needs_subject = True
    after_lesson = True
    example: ClassVar = {
        "assessment_id": "quiz-3",
        "attempt": 1,
        "score": 1,
        "max_score": 2,
        "items": _ITEMS,
        "duration_ms": 184000,
    }

    assessment_id: Name = Field(description="The platform's id of the assessment")
    attempt: Ordinal = Field(default=1, description="Which attempt of this learner, from 1")
    items: list[AssessmentItem] = Field(
        default_factory=list, max_length=MAX_ITEMS, description="Outcome of each item, if marked"
    )
    duration_ms: Milliseconds | None = Field(default=None, description="From start to hand-in")
    objective_id: Name | None = Field(
        default=None, description="Objective of the whole, where it has one"
    )


class AssessmentGraded(EventData):
    """What the subject handed in was marked, by a person or by the platform."""

    type = "assessment.graded"
    needs_subject = True
    by_teachers = True
    after_lesson = True
    example: ClassVar = {
        "assessment_id": "quiz-3",
        "attempt": 1,
        "score": 1,
        "max_score": 2,
        "items": _ITEMS,
        "graded_by": "par_01kb9x5t7v0000000000000001",
        "feedback": "Look again at adding unlike fractions.",
    }

    assessment_id: Name = Field(description="The platform's id of the assessment")
    attempt: Ordinal = Field(default=1, description="The attempt that was marked, from 1")
    score: Score = Field(description="Points reached")
    max_score: FullScore = Field(description="Points that could be reached")
    items: list[AssessmentItem] = Field(
        default_factory=list, max_length=MAX_ITEMS, description="Outcome of each item"
    )
    graded_by: Name | None = Field(
        default=None, description="Id of who marked it; null: marked by the platform"
    )
    feedback: str | None = Field(
        default=None, max_length=MAX_FEEDBACK_CHARACTERS, description="What the learner was told"
    )
    objective_id: Name | None = Field(
        default=None, description="Objective of the whole, where it has one"
    )


ASSESSMENTS = Family(
    "assessments",
    "Assessments",
    "Quizzes, exercises and tests. Items with an `objective_id` are evidence on that objective. "
    "They are for those who teach and for the learner whose work it is.",
    posted=(AssessmentStarted, AssessmentItemAnswered, AssessmentSubmitted, AssessmentGraded),
)
