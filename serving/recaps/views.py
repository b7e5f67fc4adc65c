"""How recaps go on the wire: to who teaches, and as the page that guardians read."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.events.recaps import DeliveryOutcome, HoldReason
from lessons.events.values import Ordinal
from lessons.recaps.content import RecapContent
from lessons.recaps.label import EXAMPLE_LABEL, AiLabel
from lessons.recaps.record import Recap, RecapStatus
from lessons.records import Lesson
from operations.recaps.page import RecapPage
from operations.recaps.reading_level import TARGET_GRADE
from serving.api.requests import RequestModel
from serving.recaps.standing import LessonRecaps

_LESSON = "les_01kb9x5t7v0000000000000000"
_PARTICIPANT = "par_01kb9x5t7v0000000000000000"
_CONTENT: JsonDict = {
    "did": [{"text": f"{{{_PARTICIPANT}}} worked on tasks.", "claim_ids": []}],
    "went_well": [],
    "practise": [{"text": "Practise “Add fractions”.", "claim_ids": ["reinforcement-1"]}],
    "activities": [{"text": "Do one task again, step by step.", "claim_ids": []}],
    "homework": [],
}
_RECEIPT: JsonDict = {
    "guardian_id": "per_01kb9x5t7v0000000000000001",
    "recap_version": 2,
    "outcome": "sent",
    "at": "2026-11-22T17:10:02Z",
}
EXAMPLE_RECAP: JsonDict = {
    "lesson_id": _LESSON,
    "participant_id": _PARTICIPANT,
    "child": "Ada",
    "version": 2,
    "status": "draft",
    "content": _CONTENT,
    "names": {_PARTICIPANT: "Ada"},
    "reading_grade": 3.1,
    "target_grade": TARGET_GRADE,
    "is_edited": True,
    "is_permitted": True,
    "decided_at": None,
    "held_reason": None,
    "remark": None,
    "summary_version": 1,
    "ai_label": EXAMPLE_LABEL,
    "receipts": [_RECEIPT],
}
EXAMPLE_PAGE: JsonDict = {
    "lesson_id": _LESSON,
    "participant_id": _PARTICIPANT,
    "title": "Ada: the lesson of 22 November 2026",
    "child": "Ada",
    "sections": [{"heading": "What Ada did", "lines": ["Ada worked on tasks."]}],
    "reading_grade": 3.1,
    "reading_level": "Reading level: school year 3 (our aim: 6 or less).",
    "ai_label": EXAMPLE_LABEL,
}
EXAMPLE_ENTRY: JsonDict = {
    "lesson_id": _LESSON,
    "participant_id": _PARTICIPANT,
    "lesson_title": "Fractions",
    "started_at": "2026-11-22T10:00:00Z",
    "approved_at": "2026-11-22T17:10:00Z",
}


class ReceiptView(BaseModel):
    """How the latest delivery to a guardian ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RECEIPT]})

    guardian_id: str
    recap_version: int
    outcome: DeliveryOutcome
    at: AwareDatetime


class RecapView(BaseModel):
    """A recap as who teaches sees it. Its lines mention people by id; `names` has their names."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_RECAP]})

    lesson_id: str
    participant_id: str
    child: str
    version: int
    status: RecapStatus
    content: RecapContent
    names: dict[str, str]
    reading_grade: float = Field(description="Flesch-Kincaid grade of its lines")
    target_grade: float = Field(description="Grade that it should not pass")
    is_edited: bool = Field(description="Whether a person wrote some of it")
    is_permitted: bool = Field(description="Whether consent covers it now")
    decided_at: AwareDatetime | None = Field(description="When it was approved or held")
    held_reason: HoldReason | None
    remark: str | None
    summary_version: int
    ai_label: AiLabel
    receipts: list[ReceiptView]

    @classmethod
    def of(cls, standing: LessonRecaps, recap: Recap) -> RecapView:
        """Return a recap as it goes on the wire."""
        return cls(
            lesson_id=standing.lesson.id,
            participant_id=recap.participant_id,
            child=standing.participants[recap.participant_id].name,
            version=recap.version,
            status=recap.status,
            content=recap.content,
            names=standing.names_for(recap.participant_id),
            reading_grade=recap.reading_grade,
            target_grade=TARGET_GRADE,
            is_edited=recap.edited_by is not None,
            is_permitted=standing.is_permitted(recap.participant_id),
            decided_at=recap.decided_at,
            held_reason=recap.held_reason,
            remark=recap.remark,
            summary_version=recap.drafted.summary_version,
            ai_label=recap.label,
            receipts=[
                ReceiptView(
                    guardian_id=guardian_id,
                    recap_version=one.data.recap_version,
                    outcome=one.data.outcome,
                    at=one.at,
                )
                for guardian_id, one in recap.receipts.items()
            ],
        )


class LessonRecapsView(BaseModel):
    """The recaps of a lesson, and its learners about whom there is none."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"recaps": [EXAMPLE_RECAP], "without": ["Ben"]}]}
    )

    recaps: list[RecapView]
    without: list[str] = Field(description="Names of learners without a recap")


class RecapEdit(RequestModel):
    """What a recap shall say. Lines that were kept or reworded keep their `claim_ids`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 1, "content": _CONTENT}]})

    version: Ordinal = Field(description="The version that was edited")
    content: RecapContent


class RecapApproval(RequestModel):
    """Which version is approved."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 2}]})

    version: Ordinal = Field(description="The version that was read")


class RecapHold(RequestModel):
    """Which version is held, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 2, "remark": "I ring them up first."}]}
    )

    version: Ordinal = Field(description="The version that was read")
    remark: Annotated[str, Field(min_length=1, max_length=2_000)] | None = Field(
        default=None, description="Why, for colleagues"
    )


class PageSection(BaseModel):
    """One part of the page."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"heading": "What Ada did", "lines": ["Ada worked on tasks."]}]
        }
    )

    heading: str
    lines: list[str]


class RecapPageView(BaseModel):
    """A recap as its guardians read it, labelled as made by machine."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PAGE]})

    lesson_id: str
    participant_id: str
    title: str
    child: str
    sections: list[PageSection]
    reading_grade: float
    reading_level: str = Field(description="The same in words")
    ai_label: AiLabel

    @classmethod
    def of(cls, lesson_id: str, participant_id: str, page: RecapPage) -> RecapPageView:
        """Return a page as it goes on the wire."""
        return cls(
            lesson_id=lesson_id,
            participant_id=participant_id,
            title=page.title,
            child=page.child,
            sections=[PageSection(heading=name, lines=lines) for name, lines in page.sections],
            reading_grade=page.reading_grade,
            reading_level=page.reading_words,
            ai_label=page.label,
        )


class RecapEntry(BaseModel):
    """A recap that may be read, in a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ENTRY]})

    lesson_id: str
    participant_id: str
    lesson_title: str
    started_at: AwareDatetime | None
    approved_at: AwareDatetime | None

    @classmethod
    def of(cls, lesson: Lesson, recap: Recap) -> RecapEntry:
        """Return a recap in short."""
        return cls(
            lesson_id=lesson.id,
            participant_id=recap.participant_id,
            lesson_title=lesson.title,
            started_at=lesson.started_at,
            approved_at=recap.decided_at,
        )


class RecapEntries(BaseModel):
    """Recaps about a learner, newest lesson first; `next` is the `before` of the next page."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"child": "Ada", "recaps": [EXAMPLE_ENTRY], "next": None}]}
    )

    child: str
    recaps: list[RecapEntry]
    next: str | None
