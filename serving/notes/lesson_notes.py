"""The live notes of one lesson: its events go in, what can be told of it by now comes out.

There is no clock and no store in here, so a lesson can be gone through again, and is after every
restart: the same events give the same notes, however many of them come at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from features.reading.material import Material
from features.reading.parts import Utterance, speaker_role
from features.reading.recent import RecentMaterial
from lessons.events import (
    CaptionCorrected,
    CaptionFinal,
    ConsentGranted,
    ConsentRevoked,
    EventDraft,
    LearningEvent,
    LessonEnded,
    SegmentClosed,
)
from lessons.summary import ComprehensionMoment
from lessons.takeovers import Takeovers
from models.reading.comprehension import REPLY_MS, comprehension_moments
from models.segments.segmenter import Segmenter
from models.talk_moves.interface import TalkMoveModel
from serving.notes.closing_segments import ClosingSegments
from serving.notes.drafts import moment_draft, moment_draft_id
from serving.notes.heard_moves import HeardMoves
from serving.notes.present import PURPOSES, Present

LOOK_MS = 30_000
"""How much of a lesson may pass, by its events, between two looks at its last minutes."""


@dataclass(frozen=True, slots=True)
class NoteModels:
    """What lessons are read with; all lessons of a process share it."""

    segmenter: Segmenter
    moves: TalkMoveModel


class LessonNotes:
    """One live lesson.

    Args:
        present: who is in it; what those say is not read who refuse.
        told: notes of it that stand in the ledger already.

    Attributes:
        sequence: of the last event that was taken.
        ended_ms: when the lesson ended; None while it goes on.
        consents_changed: whether a decision that matters here came since somebody looked.
    """

    def __init__(
        self, models: NoteModels, present: Present, told: Iterable[LearningEvent] = ()
    ) -> None:
        self.sequence = 0
        self.ended_ms: int | None = None
        self.consents_changed = False
        self._present = present
        self._recent = RecentMaterial()
        self._takeovers = Takeovers()
        told = list(told)
        self._told = {event.id for event in told}
        self._moves = HeardMoves(models.moves)
        self._segments = ClosingSegments(
            models.segmenter, present.names, _until_ms(told), self._material
        )
        self._looked_ms = 0
        self._unseen = False
        self._drafts: list[EventDraft] = []

    def know(self, present: Present) -> None:
        """Take who is in the lesson, such as somebody who has just been added."""
        self._present = present
        self._segments.know(present.names)

    def take(self, event: LearningEvent) -> None:
        """Take the next event of the ledger."""
        self.sequence = event.ledgersequence
        self._unseen = True
        self._takeovers.follow(event)
        self._recent.take(event)
        data = event.data
        if isinstance(data, CaptionFinal):
            self._hear(data, event)
        elif isinstance(data, CaptionCorrected):
            self._tell(self._moves.correct(data))
        elif isinstance(data, LessonEnded):
            self.ended_ms = event.lessontimems
        elif isinstance(data, ConsentRevoked | ConsentGranted) and data.purpose in PURPOSES:
            self.consents_changed = True
        if event.lessontimems - self._looked_ms >= LOOK_MS:
            self._look(event.lessontimems)

    def notes(self, now_ms: int) -> list[EventDraft]:
        """Return what is new and can be told at a time of the lesson clock."""
        if self._unseen or self._looked_ms < self._recent.newest_ms + REPLY_MS:
            self._look(now_ms)
        return self._taken()

    def end(self) -> list[EventDraft]:
        """Return what is left to tell once the lesson is over; nothing is taken afterwards."""
        self._look(None)
        for draft in self._segments.finish(self.ended_ms or 0):
            self._tell(draft)
        return self._taken()

    def _taken(self) -> list[EventDraft]:
        drafts, self._drafts = self._drafts, []
        return drafts

    def _tell(self, draft: EventDraft | None) -> None:
        if draft is not None and draft.id not in self._told:
            self._told.add(draft.id)
            self._drafts.append(draft)

    def _hear(self, data: CaptionFinal, event: LearningEvent) -> None:
        if data.participant_id in self._present.refusing:
            return
        if self._takeovers.supersedes(data.engine, data.start_ms):
            return
        said = _utterance(data, event)
        self._tell(self._moves.hear(said))
        self._tell(self._segments.hear(said))

    def _look(self, now_ms: int | None) -> None:
        """Look for moments in the last minutes; None: nobody will reply to anything any more."""
        self._unseen = False
        self._looked_ms = self._looked_ms if now_ms is None else now_ms
        material = self._material()
        for moment in comprehension_moments(material, [None] * len(material.utterances)):
            # Moments of the lesson's first hour are found in its third as well.
            if moment_draft_id(moment) not in self._told and self._is_settled(moment, now_ms):
                self._tell(moment_draft(moment))

    def _is_settled(self, moment: ComprehensionMoment, now_ms: int | None) -> bool:
        """Tell whether a moment is seen with all that belongs to it."""
        spoken = any(citation.caption_ids for citation in moment.citations)
        if spoken and moment.start_ms < self._recent.whole_from_ms:
            return False
        # A tutor may still put right what was only said with doubt, and then that is told instead.
        return moment.reason != "hedge" or now_ms is None or moment.end_ms + REPLY_MS <= now_ms

    def _material(self) -> Material:
        return self._recent.material(self._present.roll, self._present.consents)


def _until_ms(told: Iterable[LearningEvent]) -> int:
    ends = [one.data.segment.end_ms for one in told if isinstance(one.data, SegmentClosed)]
    return max(ends, default=0)


def _utterance(data: CaptionFinal, event: LearningEvent) -> Utterance:
    return Utterance(
        caption_id=data.caption_id,
        event_id=event.id,
        revision=data.revision,
        participant_id=data.participant_id,
        role=speaker_role(data.role),
        start_ms=data.start_ms,
        end_ms=data.end_ms,
        text=data.text,
        confidence=data.confidence,
        language=data.language,
    )
