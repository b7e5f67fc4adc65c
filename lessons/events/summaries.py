"""Summaries: what was read out of a lesson, live and after it, and what people put right in it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from lessons.events.claims import NoFeeling
from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Name, Ordinal
from lessons.summary.claims import LONGEST_CLAIM
from lessons.summary.document import (
    MAX_PEOPLE,
    ComprehensionMoment,
    SegmentSummary,
    SummaryDocument,
)
from lessons.summary.parts import PersonalPart

_LEARNER = "par_01kb9x5t7v0000000000000000"
_TUTOR = "par_01kb9x5t7v0000000000000001"
_SUMMARY = "sum_01kb9x5t7v0000000000000000"
_CITATION = {"caption_ids": ["cap_01kb9x5t7v0000000000000000"], "start_ms": 61000, "end_ms": 64000}
_CLAIM = {
    "claim_id": "taught-1",
    "text": "The tutor explained how to make the denominators equal.",
    "kind": "taught",
    "citations": [_CITATION],
    "confidence": 0.9,
}
_SEGMENT = {
    "segment_id": "seg-1",
    "start_ms": 0,
    "end_ms": 420000,
    "title": "Adding unlike fractions",
    "kind": "instruction",
    "objective_ids": ["fractions.add"],
    "claims": [_CLAIM],
}
_MOMENT = {
    "moment_id": "moment-1",
    "participant_id": _LEARNER,
    "reason": "contradicted_answer",
    "start_ms": 61000,
    "end_ms": 64000,
    "citations": [_CITATION],
    "objective_id": "fractions.add",
    "misconception": "Adds the denominators.",
    "confidence": 0.7,
}

SummaryStage = Literal["reading", "recognising", "segmenting", "writing", "done", "failed"]


class SegmentClosed(EventData):
    """A stretch of the lesson about one thing has ended: a note while the lesson goes on.

    Its sentences are about the lesson, and in nobody's words, for no one person's key seals it;
    what is about a learner comes as `comprehension.observed`.
    """

    type = "segment.closed"
    example: ClassVar = {
        "segment": _SEGMENT,
        "model": "tutoring-segments",
        "model_version": "1",
    }

    segment: SegmentSummary = Field(description="The segment")
    model: Name = Field(description="Name of the model that found it")
    model_version: Name = Field(description="Version of the model that found it")

    @model_validator(mode="after")
    def _is_about_nobody(self) -> Self:
        if any(claim.owner is not None for claim in self.segment.claims):
            raise ValueError("sentences of one person belong into events about that person")
        return self


class TalkMoveObserved(EventData):
    """A model recognised a talk move in what the subject said."""

    type = "talk_move.observed"
    needs_subject = True
    example: ClassVar = {
        "caption_id": "cap_01kb9x5t7v0000000000000000",
        "revision": 4,
        "role": "tutor",
        "move": "pressing_for_reasoning",
        "confidence": 0.81,
        "model": "talk-moves",
        "model_version": "1",
    }

    caption_id: Name = Field(description="The caption that holds it")
    revision: Ordinal = Field(description="The revision of it that was looked at")
    role: Literal["tutor", "learner"] = Field(description="In which role the subject spoke")
    move: Annotated[Name, NoFeeling] = Field(description="The move; `none` is never told")
    confidence: float = Field(ge=0, le=1, description="Probability of the move")
    model: Name = Field(description="Name of the model that recognised it")
    model_version: Name = Field(description="Version of the model that recognised it")

    def teaching_of(self, subject: str | None) -> str | None:
        """See `EventData`."""
        return subject if self.role == "tutor" else None


class ComprehensionObserved(EventData):
    """A moment at which the subject may not have understood, as speech and answers show.

    It is a claim about what was said and done, never about a feeling.
    """

    type = "comprehension.observed"
    needs_subject = True
    example: ClassVar = {
        "moment": _MOMENT,
        "model": "comprehension-rules",
        "model_version": "1",
    }

    moment: ComprehensionMoment = Field(description="The moment, with what shows it")
    model: Name = Field(description="Name of the model that found it")
    model_version: Name = Field(description="Version of the model that found it")


class SummaryProgressed(EventData):
    """How far the writing of a summary has come."""

    type = "summary.progressed"
    after_lesson = True
    for_teachers = True
    example: ClassVar = {
        "summary_id": _SUMMARY,
        "summary_version": 1,
        "stage": "writing",
        "share": 0.8,
    }

    summary_id: Name = Field(description="The summary")
    summary_version: Ordinal = Field(description="The version that is being written")
    stage: SummaryStage = Field(
        description="What is done now; `failed`: no summary comes of this attempt"
    )
    share: float = Field(ge=0, le=1, description="Share of the work that is done")


class SummaryPartWritten(EventData):
    """What a version of a summary says of one person, and in their words, sealed under their key.

    It precedes the event `summary.created` of its version. Without it, because the person was
    erased, the summary is one without that person.
    """

    type = "summary.part_written"
    after_lesson = True
    for_teachers = True
    example: ClassVar = {
        "summary_id": _SUMMARY,
        "summary_version": 1,
        "part": {
            "participant_id": _LEARNER,
            "learner": {
                "participant_id": _LEARNER,
                "observed": True,
                "claims": [],
                "talk_ms": 91000,
                "answers_right": 3,
                "answers_wrong": 1,
                "moments": [_MOMENT],
            },
            "reflection": None,
            "claims": [],
        },
    }

    summary_id: Name = Field(description="The summary")
    summary_version: Ordinal = Field(description="Its version")
    part: PersonalPart = Field(description="All that it says of that person")

    def teaching_of(self, subject: str | None) -> str | None:  # noqa: ARG002 - some need it.
        """See `EventData`."""
        return self.part.participant_id if self.part.reflection is not None else None


class SummaryCreated(EventData):
    """A version of the lesson's summary was written, and holds until the next one.

    It has what is the lesson's. What is about one person, or quotes them, is in that person's own
    event `summary.part_written`; `GET /v1/lessons/{id}/summary` puts them together.
    """

    type = "summary.created"
    after_lesson = True
    for_teachers = True
    example: ClassVar = {
        "summary": {
            "summary_id": _SUMMARY,
            "lesson_id": "les_01kb9x5t7v0000000000000000",
            "version": 1,
            "segments": [_SEGMENT],
            "writer": "extractive",
            "writer_version": "1",
        },
        "participant_ids": [_LEARNER, _TUTOR],
        "read_up_to": 512,
    }

    summary: SummaryDocument = Field(description="The document, without what is one person's")
    participant_ids: list[Name] = Field(
        default_factory=list, max_length=MAX_PEOPLE, description="Whose parts it has"
    )
    read_up_to: int = Field(
        default=0, ge=0, description="`ledgersequence` of the last event that was read for it"
    )
    refused_signals: list[Name] = Field(
        default_factory=list,
        max_length=MAX_PEOPLE,
        description="Who did not consent to signals then: nothing is told of them",
    )
    refused_captions: list[Name] = Field(
        default_factory=list,
        max_length=MAX_PEOPLE,
        description="Who did not consent to captions then: nothing that they said was read",
    )

    @model_validator(mode="after")
    def _is_about_nobody(self) -> Self:
        summary = self.summary
        personal = any(claim.owner is not None for claim in summary.claims())
        if personal or summary.learners or summary.reflections:
            raise ValueError("what is one person's belongs into summary.part_written")
        return self


class SummaryCorrected(EventData):
    """Somebody who teaches put a sentence of the summary right, or took it out.

    It holds for later versions too, as far as they have the sentence. The subject, where there is
    one, is the person whom the sentence is about or whose words it tells.
    """

    type = "summary.corrected"
    after_lesson = True
    for_teachers = True
    example: ClassVar = {
        "summary_id": _SUMMARY,
        "claim_id": "taught-1",
        "text": "The tutor showed two ways to make the denominators equal.",
        "removed": False,
        "corrected_by": _TUTOR,
        "remark": None,
    }

    summary_id: Name = Field(description="The summary")
    claim_id: Name = Field(description="The sentence")
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_CLAIM,
        description="The sentence as it should be; null where it was taken out",
    )
    removed: bool = Field(default=False, description="Whether the sentence was taken out")
    corrected_by: Name = Field(description="Id of the participant, person or API key")
    remark: str | None = Field(default=None, max_length=2_000, description="Why, if told")

    @model_validator(mode="after")
    def _has_a_text_or_goes(self) -> Self:
        if self.removed == (self.text is not None):
            raise ValueError("either text or removed says what becomes of the sentence")
        return self


class SummaryWithdrawn(EventData):
    """A version of the summary holds no more, and is shown to nobody; a new one may follow."""

    type = "summary.withdrawn"
    after_lesson = True
    for_teachers = True
    example: ClassVar = {"summary_id": _SUMMARY, "summary_version": 1, "reason": "consent_revoked"}

    summary_id: Name = Field(description="The summary")
    summary_version: Ordinal = Field(description="The version that is withdrawn")
    reason: Literal["consent_revoked"] = Field(
        description="`consent_revoked`: somebody in the lesson took consent back"
    )


SUMMARIES = Family(
    "summaries",
    "Summaries",
    "What was read out of a lesson: talk moves, moments of uncertain comprehension, segments, and "
    "the summary, whose every sentence cites captions or events. Models make it from the ledger "
    "alone; emotions are never inferred. Sentences mention people as `{participant id}`.",
    recorded=(
        SegmentClosed,
        TalkMoveObserved,
        ComprehensionObserved,
        SummaryProgressed,
        SummaryPartWritten,
        SummaryCreated,
        SummaryCorrected,
        SummaryWithdrawn,
    ),
)
