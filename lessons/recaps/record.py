"""Recaps as their events stand: what the newest version says, who approved it, who has got it."""

from __future__ import annotations

from collections import defaultdict
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
    RecapPartWritten,
)
from lessons.recaps.content import RecapContent
from lessons.recaps.label import AiLabel, label_of
from lessons.recaps.parts import PlacedLine, assembled

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
        speakers: whose words lines of it tell that are not the child's, by claim id.
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
    speakers: Mapping[str, str] = field(default_factory=dict)

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
        self._placed: defaultdict[tuple[str, int], list[PlacedLine]] = defaultdict(list)
        self._speakers: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for event in events:
            self.take(event)

    def take(self, event: LearningEvent) -> None:
        """Take an event; others than those about recaps change nothing.

        What is about a version that is not the newest came too late, and changes nothing either.
        """
        data, who = event.data, event.subject
        if isinstance(data, RecapPartWritten):
            self._part(data)
        if who is None:
            return
        known = self._recaps.get(who)
        if isinstance(data, RecapDrafted):
            self._draft(who, data, known)
        elif isinstance(data, RecapEdited) and known is not None:
            self._edit(data, known)
        elif known is not None:
            self._recaps[who] = _after(known, event)

    def of(self, participant_id: str) -> Recap | None:
        """Return the recap about a learner, if there is one."""
        return self._recaps.get(participant_id)

    def all(self) -> list[Recap]:
        """Return them in the order in which they were drafted first."""
        return list(self._recaps.values())

    def _part(self, data: RecapPartWritten) -> None:
        self._placed[data.participant_id, data.recap_version] += data.lines
        for one in data.lines:
            told = dict.fromkeys(one.line.claim_ids, data.speaker)
            self._speakers[data.participant_id].update(told)

    def _draft(self, who: str, data: RecapDrafted, known: Recap | None) -> None:
        if known is not None and data.recap_version <= known.version:
            return
        content = assembled(data.content, self._placed[who, data.recap_version])
        self._recaps[who] = Recap(
            participant_id=who,
            drafted=data.model_copy(update={"content": content}),
            version=data.recap_version,
            content=content,
            reading_grade=data.reading_grade,
            status="draft",
            receipts=known.receipts if known is not None else {},
            speakers=dict(self._speakers[who]),
        )

    def _edit(self, data: RecapEdited, known: Recap) -> None:
        who = known.participant_id
        if data.recap_version <= known.version:
            return
        self._recaps[who] = replace(
            known,
            version=data.recap_version,
            content=assembled(data.content, self._placed[who, data.recap_version]),
            reading_grade=data.reading_grade,
            edited_by=data.edited_by,
            status="draft",
            decided_by=None,
            decided_at=None,
            held_reason=None,
            remark=None,
            speakers=dict(self._speakers[who]),
        )


def _after(known: Recap, event: LearningEvent) -> Recap:
    """Return a recap after an event that changes nothing of what it says."""
    data = event.data
    if isinstance(data, RecapDelivered):
        receipt = Receipt(data, event.time)
        return replace(known, receipts={**known.receipts, data.guardian_id: receipt})
    if isinstance(data, RecapApproved | RecapHeld) and data.recap_version == known.version:
        return _decided(known, data, event.time)
    return known


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
