"""How what earlier summaries say goes on the wire, as a part of a briefing."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.learning.views import EXAMPLE_OBJECTIVE, LearnerName, ObjectiveName

_LESSON = "les_01kb9x5t7v0000000000000000"
_LEARNER: JsonDict = {"id": "per_01kb9x5t7v0000000000000000", "name": "Ada"}
_SENTENCE: JsonDict = {
    "claim_id": "reinforcement-1",
    "text": "Ada added the denominators twice.",
    "learner": _LEARNER,
    "objective": EXAMPLE_OBJECTIVE,
    "is_marked": False,
    "caption_ids": ["cap_01kb9x5t7v0000000000000000"],
    "event_ids": [],
    "lesson_time_ms": 858000,
}
EXAMPLE_PAST_SUMMARY: JsonDict = {
    "summary_id": "sum_01kb9x5t7v0000000000000000",
    "version": 1,
    "needs": [_SENTENCE],
    "open_questions": [],
    "next_plan": [],
}
_PLACE: JsonDict = {
    "lesson_id": _LESSON,
    "lesson_title": "Fractions, part 1",
    "claim_id": "reinforcement-1",
    "text": "Ada added the denominators twice.",
    "caption_ids": ["cap_01kb9x5t7v0000000000000000"],
    "event_ids": [],
    "lesson_time_ms": 858000,
}
EXAMPLE_CONTRADICTION: JsonDict = {
    "kind": "record_says_mastered",
    "text": "Needs reinforcement after “Fractions, part 1”; by the answers in the record it is "
    "mastered.",
    "objective": EXAMPLE_OBJECTIVE,
    "learner": _LEARNER,
    "earlier": None,
    "later": _PLACE,
}


class SummarySentence(BaseModel):
    """A sentence of a summary, and what of the lesson's record shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SENTENCE]})

    claim_id: str
    text: str
    learner: LearnerName | None = Field(description="Whom it is about; null: nobody in particular")
    objective: ObjectiveName | None
    is_marked: bool = Field(description="Whether a person should check it before relying on it")
    caption_ids: list[str]
    event_ids: list[str]
    lesson_time_ms: int = Field(description="Where in the lesson its evidence begins")


class PastSummary(BaseModel):
    """What an earlier lesson's summary has for the next one, with what people put right in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PAST_SUMMARY]})

    summary_id: str
    version: int
    needs: list[SummarySentence] = Field(description="What needs reinforcement, most needed first")
    open_questions: list[SummarySentence]
    next_plan: list[SummarySentence]


class ContradictionKind(StrEnum):
    """How two things that are recorded do not fit together."""

    PLANNED_NOT_TAUGHT = "planned_not_taught"
    WENT_WELL_BEFORE = "went_well_before"
    RECORD_SAYS_MASTERED = "record_says_mastered"


class ClaimPlace(BaseModel):
    """A sentence of a summary, the lesson it is of, and what of that lesson's record shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PLACE]})

    lesson_id: str
    lesson_title: str
    claim_id: str
    text: str
    caption_ids: list[str]
    event_ids: list[str]
    lesson_time_ms: int = Field(description="Where in the lesson its evidence begins")


class Contradiction(BaseModel):
    """Two things that do not fit together, for a person to look at; nothing is decided of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CONTRADICTION]})

    kind: ContradictionKind
    text: str
    objective: ObjectiveName
    learner: LearnerName | None
    earlier: ClaimPlace | None
    later: ClaimPlace | None
