"""A summary, and its events, as tests make them."""

from __future__ import annotations

from typing import Any

from lessons.events import EventData, LearningEvent, SummaryCreated, SummaryPartWritten, parse_event
from lessons.summary import (
    Citation,
    Claim,
    LearnerSummary,
    Reflection,
    SegmentSummary,
    SummaryDocument,
    mention,
    parted,
)

ADA, BEN, TUTOR = "par_ada", "par_ben", "par_tutor"
CITED = [Citation(caption_ids=["cap_1"], start_ms=0, end_ms=1000)]


def claim(claim_id: str, subject: str | None = None, **changes: Any) -> Claim:
    """A sentence, about somebody or about the lesson."""
    text = f"{mention(subject)} did so." if subject else "It was done so."
    values = {"text": text, "kind": "taught", "citations": CITED, "confidence": 0.9, **changes}
    return Claim(claim_id=claim_id, subject=subject, **values)


def document(**changes: Any) -> SummaryDocument:
    """A summary in which the lesson's and two learners' sentences stand mixed."""
    segment = SegmentSummary(
        segment_id="seg-1",
        start_ms=0,
        end_ms=60_000,
        title="Fractions",
        kind="instruction",
        claims=[claim("s1"), claim("s2", BEN), claim("s3")],
    )
    values: dict[str, Any] = {
        "summary_id": "sum_1",
        "lesson_id": "les_1",
        "version": 1,
        "segments": [segment],
        "learners": [
            LearnerSummary(participant_id=ADA, observed=True, claims=[claim("a1", ADA)]),
            LearnerSummary(participant_id=BEN, observed=False),
        ],
        "reinforcement": [claim("r1", BEN), claim("r2"), claim("r3", ADA), claim("r4", BEN)],
        "not_observed": [claim("n1", BEN), claim("n2")],
        "reflections": [Reflection(participant_id=TUTOR, questions=4)],
        "writer": "extractive",
        "writer_version": "1",
        **changes,
    }
    return SummaryDocument(**values)


def events_of(summary: SummaryDocument, first: int = 1) -> list[LearningEvent]:
    """The events by which a ledger has a version of a summary."""
    lesson, parts = parted(summary)
    written: list[EventData] = [
        SummaryPartWritten(summary_id="sum_1", summary_version=summary.version, part=part)
        for part in parts
    ]
    people = [part.participant_id for part in parts]
    written.append(SummaryCreated(summary=lesson, participant_ids=people))
    return [event(data, first + number) for number, data in enumerate(written)]


def event(data: EventData, sequence: int) -> LearningEvent:
    """An event of the lesson, about nobody as far as its envelope says."""
    return parse_event(
        {
            "id": f"evt_{sequence}",
            "source": "urn:lectern:lesson:les_1",
            "type": data.type,
            "time": "2026-11-22T10:15:30Z",
            "dataschema": data.data_schema(),
            "tenantid": "ten_1",
            "lessonid": "les_1",
            "lessontimems": 0,
            "ledgersequence": sequence,
            "data": data.model_dump(mode="json"),
        }
    )
