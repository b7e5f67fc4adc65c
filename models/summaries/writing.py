"""A summary from a lesson that was read: written, verified, and put together as a document."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.languages.language_words import words_of
from lessons.summary import (
    Claim,
    ClaimKind,
    ComprehensionMoment,
    LearnerSummary,
    SegmentSummary,
    SummaryDocument,
)
from models.reading.lesson_reading import LessonReading
from models.summaries.interface import DraftClaim, SummaryWriter
from models.summaries.ownership import Ownership, ownership_of
from models.summaries.record import LessonRecord, record_of
from models.summaries.verification import EntailmentModel, Verdict, Verifier

MARKED_CONFIDENCE = 0.5
"""Share of confidence that is left to a sentence which a person should check."""

MOST_CLAIMS_A_LIST = 500
MOST_MOMENTS = 500
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class SummaryName:
    """Which summary it is: its id, its version from 1, and the version that it replaces."""

    summary_id: str
    version: int = 1
    replaces: int | None = None


def summarise(
    reading: LessonReading,
    writer: SummaryWriter,
    name: SummaryName,
    model: EntailmentModel | None = None,
) -> SummaryDocument:
    """Write the summary of a lesson; what the record does not support is not in it.

    Args:
        model: judges entailment beside the verifier's own checks, where there is one.

    Raises:
        Unavailable: what writes cannot be reached.
    """
    draft = writer.write(reading)
    record = record_of(reading)
    verifier = Verifier(words_of(draft.language), model)
    kept = list(_kept(draft.claims, verifier, record))
    document = _Document(reading, kept)
    return SummaryDocument(
        summary_id=name.summary_id,
        lesson_id=reading.lesson_id,
        language=draft.language,
        version=name.version,
        replaces=name.replaces,
        duration_ms=reading.duration_ms,
        heard=record.heard,
        objectives=list(reading.covered),
        objective_claims=document.of("objective_covered"),
        segments=document.segments(),
        learners=document.learners(record),
        reinforcement=document.of("needs_reinforcement"),
        strong_moments=document.of("strong_moment"),
        open_questions=document.of("open_question"),
        homework=document.of("homework"),
        next_plan=document.of("next_step"),
        not_observed=document.of("not_observed"),
        reflections=list(reading.reflections),
        writer=writer.name,
        writer_version=writer.version,
        models={**reading.models, "verifier": verifier.name},
        dropped_claims=draft.refused + len(draft.claims) - len(kept),
    )


def _kept(
    claims: Sequence[DraftClaim], verifier: Verifier, record: LessonRecord
) -> Iterator[tuple[DraftClaim, Claim]]:
    """Give what stands and has one owner at most, each sentence once."""
    seen = set()
    for claim, (verdict, evidence) in zip(claims, verifier.judge(claims, record), strict=True):
        claim_id = claim_id_of(claim)
        if verdict.status == "dropped" or claim_id in seen:
            continue
        ownership = ownership_of(evidence)
        if ownership is not None:
            seen.add(claim_id)
            yield claim, _claim(claim_id, claim, verdict, ownership, record)


def claim_id_of(claim: DraftClaim) -> str:
    """Return an id that a rewrite gives to the same claim again, so that corrections find it."""
    parts = (claim.kind, claim.subject or "", claim.objective_id or "", *claim.cites)
    return "clm_" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:26]


def _claim(
    claim_id: str, claim: DraftClaim, verdict: Verdict, whose: Ownership, record: LessonRecord
) -> Claim:
    marked = verdict.status == "marked"
    return Claim(
        claim_id=claim_id,
        text=claim.text,
        kind=claim.kind,
        subject=whose.subject,
        speaker=whose.speaker,
        title=whose.title,
        citations=[record.citation(claim.cites)],
        objective_id=claim.objective_id,
        confidence=claim.confidence * (MARKED_CONFIDENCE if marked else 1.0),
        status="marked" if marked else "grounded",
        reason=verdict.reason if marked else None,
    )


def _is_spoken(moment: ComprehensionMoment) -> bool:
    return any(citation.caption_ids for citation in moment.citations)


class _Document:
    """Claims on their way to their places."""

    def __init__(self, reading: LessonReading, kept: Sequence[tuple[DraftClaim, Claim]]) -> None:
        self._reading = reading
        self._kept = kept

    def of(self, kind: ClaimKind) -> list[Claim]:
        found = [claim for draft, claim in self._kept if draft.kind == kind]
        return found[:MOST_CLAIMS_A_LIST]

    def segments(self) -> list[SegmentSummary]:
        """Return the segments; where nobody cut the lesson it is one, if anything was taught."""
        taught = [(draft, claim) for draft, claim in self._kept if draft.kind == "taught"]
        cut = [
            SegmentSummary(
                segment_id=one.segment_id,
                start_ms=one.start_ms,
                end_ms=one.end_ms,
                title=one.title,
                kind=one.kind,
                objective_ids=list(one.objective_ids),
                claims=[claim for draft, claim in taught if draft.segment_id == one.segment_id],
            )
            for one in self._reading.segments
        ]
        uncut = [claim for draft, claim in taught if draft.segment_id is None]
        return [*cut, *self._uncut(uncut)]

    def _uncut(self, claims: list[Claim]) -> Iterator[SegmentSummary]:
        if claims:
            yield SegmentSummary(
                segment_id=WHOLE,
                start_ms=0,
                end_ms=self._reading.duration_ms,
                title=self._reading.title or "-",
                kind="other",
                claims=claims,
            )

    def learners(self, record: LessonRecord) -> list[LearnerSummary]:
        return [
            self._learner(person.participant_id, record)
            for person in self._reading.people
            if person.role == "learner"
        ]

    def _learner(self, who: str, record: LessonRecord) -> LearnerSummary:
        own = [item for item in record.items.values() if item.participant_id == who]
        answers = [item.correct for item in own if item.kind == "answer"]
        observed = record.has_seen(who)
        moments = [
            one
            for one in self._reading.moments
            if one.participant_id == who and not (record.misheard and _is_spoken(one))
        ]
        return LearnerSummary(
            participant_id=who,
            observed=observed,
            claims=[
                claim
                for draft, claim in self._kept
                if draft.kind == "response" and claim.subject == who
            ],
            talk_ms=self._reading.talk_ms.get(who, 0),
            answers_right=answers.count(True),
            answers_wrong=answers.count(False),
            moments=moments[:MOST_MOMENTS] if observed else [],
        )
