"""What learners achieve and how active they are; the platform posts these."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lessons.events.data import EventData


class AssessmentItem(BaseModel):
    """The outcome of one item of an assessment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: str = Field(min_length=1, max_length=200)
    objective_id: str | None = Field(default=None, max_length=200)
    score: float = Field(ge=0)
    max_score: float = Field(gt=0)


class AssessmentSubmitted(EventData):
    """The subject handed in a quiz, exercise or test; without scores it is not marked yet."""

    type = "assessment.submitted"
    needs_subject = True
    example: ClassVar = {
        "assessment_id": "quiz-3",
        "attempt": 1,
        "score": 1,
        "max_score": 2,
        "items": [
            {"item_id": "q1", "objective_id": "fractions.compare", "score": 1, "max_score": 1},
            {"item_id": "q2", "objective_id": "fractions.add", "score": 0, "max_score": 1},
        ],
    }

    assessment_id: str = Field(min_length=1, max_length=200)
    attempt: int = Field(default=1, ge=1)
    score: float | None = Field(default=None, ge=0)
    max_score: float | None = Field(default=None, gt=0)
    items: list[AssessmentItem] = Field(default_factory=list, max_length=500)

    @model_validator(mode="after")
    def _score_has_its_scale(self) -> Self:
        if self.score is not None and self.max_score is None:
            raise ValueError("score needs max_score")
        return self


class MilestoneReached(EventData):
    """The subject reached something worth marking, such as an objective mastered."""

    type = "milestone.reached"
    needs_subject = True
    example: ClassVar = {
        "milestone_id": "fractions-1",
        "title": "Compares fractions",
        "objective_id": "fractions.compare",
    }

    milestone_id: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=500)
    objective_id: str | None = Field(default=None, max_length=200)


class AttentionFocused(EventData):
    """The lesson's tab or window came to the front on the subject's screen."""

    type = "attention.focused"
    needs_subject = True
    example: ClassVar = {"surface": "tab"}

    surface: Literal["tab", "window"] = "tab"


class AttentionBlurred(EventData):
    """The lesson's tab or window went behind another on the subject's screen."""

    type = "attention.blurred"
    needs_subject = True
    example: ClassVar = {"surface": "tab"}

    surface: Literal["tab", "window"] = "tab"


class ActivityCounted(EventData):
    """How often the subject did something in a span of the lesson: counts only, no content."""

    type = "activity.counted"
    needs_subject = True
    example: ClassVar = {"start_ms": 60000, "end_ms": 70000, "key_presses": 41, "clicks": 3}

    start_ms: int = Field(ge=0, description="Start of the span on the lesson clock")
    end_ms: int = Field(ge=0, description="End of the span on the lesson clock")
    key_presses: int = Field(default=0, ge=0)
    clicks: int = Field(default=0, ge=0)
    pointer_moves: int = Field(default=0, ge=0)
    scrolls: int = Field(default=0, ge=0)
    chat_messages: int = Field(default=0, ge=0)
    edits: int = Field(default=0, ge=0, description="Changes to a shared document or code")

    @model_validator(mode="after")
    def _span_is_not_empty(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError("end_ms must lie after start_ms")
        return self
