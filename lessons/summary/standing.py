"""The lesson's summary as it stands: the newest version, with what people put right in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lessons.events import (
    ConsentGranted,
    ConsentRevoked,
    LearningEvent,
    SummaryCorrected,
    SummaryCreated,
    SummaryPartWritten,
    SummaryWithdrawn,
)
from lessons.privacy.consent import Purpose
from lessons.summary.claims import Claim
from lessons.summary.document import SummaryDocument
from lessons.summary.parts import LISTS, PersonalPart, assembled

STANDING_TYPES = (
    SummaryPartWritten.type,
    SummaryCreated.type,
    SummaryCorrected.type,
    SummaryWithdrawn.type,
    ConsentGranted.type,
    ConsentRevoked.type,
)
"""What a summary is made of."""


def standing_summary(events: Iterable[LearningEvent]) -> SummaryDocument | None:
    """Return the newest version that holds, corrected; None where there is none.

    Who took back consent to signals is left out at once, before it is written anew.

    Args:
        events: of `STANDING_TYPES`, in the order of the ledger; others change nothing.
    """
    reading = _Standing()
    for event in events:
        reading.take(event)
    return reading.document()


def corrected(
    document: SummaryDocument, corrections: Mapping[str, SummaryCorrected]
) -> SummaryDocument:
    """Return a document with sentences put right or taken out, by their `claim_id`."""
    lists: dict[str, object] = {
        name: _corrected(getattr(document, name), corrections) for name in LISTS
    }
    segments = [
        one.model_copy(update={"claims": _corrected(one.claims, corrections)})
        for one in document.segments
    ]
    learners = [
        one.model_copy(update={"claims": _corrected(one.claims, corrections)})
        for one in document.learners
    ]
    return document.model_copy(update={**lists, "segments": segments, "learners": learners})


class _Standing:
    """What the ledger said of a lesson's summary so far."""

    def __init__(self) -> None:
        self._created: SummaryCreated | None = None
        self._parts: dict[tuple[str, int], dict[str, PersonalPart]] = {}
        self._corrections: dict[str, SummaryCorrected] = {}
        self._refused: set[str] = set()

    def take(self, event: LearningEvent) -> None:
        data = event.data
        if isinstance(data, SummaryPartWritten):
            parts = self._parts.setdefault((data.summary_id, data.summary_version), {})
            parts[data.part.participant_id] = data.part
        elif isinstance(data, SummaryCreated):
            self._created = data
        elif isinstance(data, SummaryCorrected):
            self._corrections[data.claim_id] = data
        elif isinstance(data, SummaryWithdrawn):
            if self._created is not None and self._created.summary.version <= data.summary_version:
                self._created = None
        elif isinstance(data, ConsentRevoked) and data.purpose is Purpose.SIGNALS:
            self._refused.add(data.participant_id)
        elif isinstance(data, ConsentGranted) and data.purpose is Purpose.SIGNALS:
            self._refused.discard(data.participant_id)

    def document(self) -> SummaryDocument | None:
        if self._created is None:
            return None
        summary = self._created.summary
        parts = self._parts.get((summary.summary_id, summary.version), {})
        kept = [part for person, part in parts.items() if person not in self._refused]
        return corrected(assembled(summary, kept), self._corrections)


def _corrected(claims: Sequence[Claim], corrections: Mapping[str, SummaryCorrected]) -> list[Claim]:
    return [
        _put_right(claim, corrections.get(claim.claim_id))
        for claim in claims
        if not (claim.claim_id in corrections and corrections[claim.claim_id].removed)
    ]


def _put_right(claim: Claim, correction: SummaryCorrected | None) -> Claim:
    if correction is None:
        return claim
    return claim.model_copy(
        update={
            "text": correction.text,
            "status": "grounded",
            "reason": None,
            "corrected_by": correction.corrected_by,
        }
    )
