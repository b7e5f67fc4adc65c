"""What a lesson's ledger says of its summary, and whether another version is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from features.reading.material import MATERIAL_TYPES
from lessons.events import (
    ConsentGranted,
    ConsentRevoked,
    LearningEvent,
    SummaryCreated,
    SummaryWithdrawn,
)
from lessons.privacy.consent import Purpose
from lessons.summary.standing import STANDING_TYPES

READ_TYPES = tuple(dict.fromkeys((*MATERIAL_TYPES, *STANDING_TYPES)))
"""What has to be read to write a summary, or to know that none is due."""

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


def due_summary(events: Iterable[LearningEvent], refusing: Collection[str]) -> DueSummary | None:
    """Return the version that is due; None where the newest one says all that there is.

    Args:
        events: of `READ_TYPES`, in the order of the ledger.
        refusing: participants who do not consent to signals now.
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
    if not frozenset(refusing).isdisjoint(newest.participant_ids):
        causes.add("consent_revoked")
    if not causes and not withdrawn:
        return None
    return DueSummary(version + 1, version, "consent_revoked" in causes and not withdrawn)


def _cause(event: LearningEvent) -> Cause | None:
    data = event.data
    if isinstance(data, ConsentRevoked) and data.purpose in _PURPOSES:
        return "consent_revoked"
    if isinstance(data, ConsentGranted) and data.purpose in _PURPOSES:
        return "news"
    return "news" if event.type in _NEWS else None
