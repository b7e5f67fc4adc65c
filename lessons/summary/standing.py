"""The lesson's summary as it stands: the newest version, with what people put right in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

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
from lessons.summary.parts import PersonalPart, assembled, changed

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


def newest_version(events: Iterable[LearningEvent]) -> SummaryDocument | None:
    """Return the newest version as it was written, withdrawn or not; None where there is none.

    Args:
        events: as for `standing_summary`.
    """
    reading = _Standing()
    for event in events:
        reading.take(event)
    return reading.newest()


def corrected(
    document: SummaryDocument, corrections: Mapping[str, SummaryCorrected]
) -> SummaryDocument:
    """Return a document with sentences put right or taken out, by their `claim_id`."""
    return changed(document, lambda claims: _corrected(claims, corrections))


class _Standing:
    """What the ledger said of a lesson's summary so far."""

    def __init__(self) -> None:
        self._created: SummaryCreated | None = None
        self._withdrawn = 0
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
            self._withdrawn = max(self._withdrawn, data.summary_version)
        elif isinstance(data, ConsentRevoked) and data.purpose is Purpose.SIGNALS:
            self._refused.add(data.participant_id)
        elif isinstance(data, ConsentGranted) and data.purpose is Purpose.SIGNALS:
            self._refused.discard(data.participant_id)

    def document(self) -> SummaryDocument | None:
        newest = self._assembled(self._refused)
        if newest is None or newest.version <= self._withdrawn:
            return None
        return corrected(newest, self._corrections)

    def newest(self) -> SummaryDocument | None:
        return self._assembled(())

    def _assembled(self, without: Collection[str]) -> SummaryDocument | None:
        if self._created is None:
            return None
        summary = self._created.summary
        parts = self._parts.get((summary.summary_id, summary.version), {})
        return assembled(summary, [part for who, part in parts.items() if who not in without])


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
