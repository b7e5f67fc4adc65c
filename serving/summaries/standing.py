"""What a lesson's ledger says of its summary, and whether another version is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from features.reading.material import MATERIAL_TYPES
from lessons.events import (
    CaptionFinal,
    ConsentGranted,
    ConsentRevoked,
    LearningEvent,
    LessonEnded,
    SummaryCreated,
    SummaryWithdrawn,
)
from lessons.privacy.consent import Purpose
from lessons.summary import SummaryDocument
from lessons.summary.standing import STANDING_TYPES, newest_version

READ_TYPES = tuple(dict.fromkeys((*MATERIAL_TYPES, *STANDING_TYPES)))
"""What has to be read to write a summary, or to know that none is due."""

WAKING_TYPES = (*MATERIAL_TYPES, LessonEnded.type)
"""What can make a version due: nothing that is written of a summary, or after it."""

Cause = Literal["consent_revoked", "news"]

_NEWS = frozenset(MATERIAL_TYPES) - {ConsentGranted.type, ConsentRevoked.type}
_PURPOSES = (Purpose.SIGNALS, Purpose.CAPTIONS)


@dataclass(frozen=True, slots=True)
class DueSummary:
    """A version of a summary that is to be written.

    Attributes:
        replaces: the version before it; None: there is none.
        withdraws: whether that one must not be shown any longer: consent was taken back.
    """

    version: int
    replaces: int | None
    withdraws: bool


def due_summary(
    events: Iterable[LearningEvent], refusing: Collection[str], unheard: Collection[str] = ()
) -> DueSummary | None:
    """Return the version that is due; None where the newest one says all that there is.

    Args:
        events: of `READ_TYPES`, in the order of the ledger.
        refusing: participants who do not consent to signals now.
        unheard: participants who do not consent to captions now.

    Whoever was left out and consents again makes one due, as what they did is news by then.
    """
    events = list(events)
    created = [one.data for one in events if isinstance(one.data, SummaryCreated)]
    if not created:
        return DueSummary(1, None, withdraws=False)
    newest = created[-1]
    version = newest.summary.version
    withdrawn = any(
        isinstance(one.data, SummaryWithdrawn) and one.data.summary_version >= version
        for one in events
    )
    # What came while it was being written has a lower number than it, and is not in it.
    news = [one for one in events if one.ledgersequence > newest.read_up_to]
    causes = {cause for one in news if (cause := _cause(one)) is not None}
    # A decision for all of a tenant's lessons has no event in those that are over.
    told_of = not frozenset(refusing).isdisjoint(newest.participant_ids)
    if told_of or not _speakers(events).isdisjoint(unheard):
        causes.add("consent_revoked")
    if not frozenset(newest.refused_signals) <= frozenset(refusing):
        causes.add("news")
    if not frozenset(newest.refused_captions) <= frozenset(unheard):
        causes.add("news")
    if not causes and not withdrawn:
        return None
    return DueSummary(version + 1, version, "consent_revoked" in causes and not withdrawn)


def _speakers(events: Sequence[LearningEvent]) -> frozenset[str]:
    """Return whose captions the newest version cites, or whose words it tells."""
    document = newest_version(events)
    if document is None:
        return frozenset()
    finals = (one.data for one in events if isinstance(one.data, CaptionFinal))
    said_by = {one.caption_id: one.participant_id for one in finals}
    cited = {said_by[one] for one in _captions_of(document) if one in said_by}
    return frozenset(cited | {one.speaker for one in document.claims() if one.speaker is not None})


def _captions_of(document: SummaryDocument) -> Iterator[str]:
    moments = [moment for learner in document.learners for moment in learner.moments]
    shown = [
        *(one.citations for one in document.claims()),
        *(one.citations for one in document.objectives),
        *(one.citations for one in moments),
    ]
    for citations in shown:
        for cited in citations:
            yield from cited.caption_ids


def _cause(event: LearningEvent) -> Cause | None:
    data = event.data
    if isinstance(data, ConsentRevoked) and data.purpose in _PURPOSES:
        return "consent_revoked"
    return "news" if event.type in _NEWS else None
