"""Recaps as their events stand: what the newest version says, who approved it, who has got it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from lessons.events import LearningEvent
from lessons.events.recaps import (
    RECAPS,
    HoldReason,
    RecapApproved,
    RecapDelivered,
    RecapDrafted,
    RecapEdited,
    RecapHeld,
)
from lessons.recaps.content import RecapContent
from lessons.recaps.label import AiLabel, label_of

RECAP_TYPES = tuple(data.type for data in RECAPS.types)

RecapStatus = Literal["draft", "approved", "held"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """How the delivery of a version to a guardian ended, and when."""

    data: RecapDelivered
    at: datetime


@dataclass(frozen=True, slots=True)
class Recap:
    """The recap about one learner of a lesson, as it stands.

    Attributes:
        drafted: the newest draft by machine, which the content began as.
        content: what the newest version says.
        edited_by: who wrote some of it last; None: all of it is the machine's.
        decided_by, decided_at: who approved or held it, and when.
        receipts: of every version, by guardian; the newest of each.
    """

    participant_id: str
    drafted: RecapDrafted
    version: int
    content: RecapContent
    reading_grade: float
    status: RecapStatus
    edited_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    held_reason: HoldReason | None = None
    remark: str | None = None
    receipts: Mapping[str, Receipt] = field(default_factory=dict)

    @property
    def label(self) -> AiLabel:
        """What says that a machine wrote it."""
        return label_of(
            self.drafted.writer,
            self.drafted.writer_version,
            is_edited=self.edited_by is not None,
            is_approved=self.status == "approved",
        )

    @property
    def was_delivered(self) -> bool:
        """Whether some guardian has got some version of it."""
        return any(receipt.data.outcome == "sent" for receipt in self.receipts.values())

    def is_with(self, guardian_id: str) -> bool:
        """Tell whether the delivery of this very version to a guardian has ended."""
        receipt = self.receipts.get(guardian_id)
        return receipt is not None and receipt.data.recap_version == self.version


class Recaps:
    """The recaps of a lesson. Take its events in the order of the ledger."""

    def __init__(self, events: Iterable[LearningEvent] = ()) -> None:
        self._recaps: dict[str, Recap] = {}
        for event in events:
            self.take(event)

    def take(self, event: LearningEvent) -> None:
        """Take an event; others than those about recaps change nothing.

        What is about a version that is not the newest came too late, and changes nothing either.
        """
        if event.subject is None:
            return
        known = self._recaps.get(event.subject)
        if isinstance(event.data, RecapDrafted):
            self._draft(event.subject, event.data, known)
        elif known is not None:
            self._recaps[event.subject] = _after(known, event)

    def of(self, participant_id: str) -> Recap | None:
        """Return the recap about a learner, if there is one."""
        return self._recaps.get(participant_id)

    def all(self) -> list[Recap]:
        """Return them in the order in which they were drafted first."""
        return list(self._recaps.values())

    def _draft(self, who: str, data: RecapDrafted, known: Recap | None) -> None:
        if known is not None and data.recap_version <= known.version:
            return
        self._recaps[who] = Recap(
            participant_id=who,
            drafted=data,
            version=data.recap_version,
            content=data.content,
            reading_grade=data.reading_grade,
            status="draft",
            receipts=known.receipts if known is not None else {},
        )


def _after(known: Recap, event: LearningEvent) -> Recap:
    """Return a recap after an event about it."""
    data = event.data
    if isinstance(data, RecapDelivered):
        receipt = Receipt(data, event.time)
        return replace(known, receipts={**known.receipts, data.guardian_id: receipt})
    if isinstance(data, RecapEdited) and data.recap_version > known.version:
        return _edited(known, data)
    if isinstance(data, RecapApproved | RecapHeld) and data.recap_version == known.version:
        return _decided(known, data, event.time)
    return known


def _edited(known: Recap, data: RecapEdited) -> Recap:
    return replace(
        known,
        version=data.recap_version,
        content=data.content,
        reading_grade=data.reading_grade,
        edited_by=data.edited_by,
        status="draft",
        decided_by=None,
        decided_at=None,
        held_reason=None,
        remark=None,
    )


def _decided(known: Recap, data: RecapApproved | RecapHeld, at: datetime) -> Recap:
    if isinstance(data, RecapApproved):
        return replace(
            known,
            status="approved",
            decided_by=data.approved_by,
            decided_at=at,
            held_reason=None,
            remark=None,
        )
    return replace(
        known,
        status="held",
        decided_by=data.held_by,
        decided_at=at,
        held_reason=data.reason,
        remark=data.remark,
    )
