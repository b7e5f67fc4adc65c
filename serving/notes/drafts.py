"""Live notes as events: under ids that name what they are about, so none comes twice.

Whoever reads the same lesson again, after a restart or beside a process that has lost its claim,
makes events of the same ids, and the ledger keeps the first.
"""

from __future__ import annotations

from features.reading.parts import Utterance
from lessons.events import (
    ComprehensionObserved,
    EventDraft,
    SegmentClosed,
    TalkMoveObserved,
)
from lessons.summary import ComprehensionMoment, SegmentSummary
from models.reading import comprehension
from models.talk_moves.interface import MoveProbabilities, Role, TalkMoveModel


def segment_draft(segment: SegmentSummary, told_ms: int, model: str, version: str) -> EventDraft:
    """Return a segment that is over, as it was known at a time of the lesson clock."""
    data = SegmentClosed(segment=segment, model=model, model_version=version)
    return EventDraft(data, max(told_ms, segment.end_ms), id=f"segment:{segment.segment_id}")


def move_draft(
    said: Utterance, role: Role, found: MoveProbabilities, model: TalkMoveModel
) -> EventDraft:
    """Return the move of what somebody said."""
    data = TalkMoveObserved(
        caption_id=said.caption_id,
        revision=said.revision,
        role=role,
        move=found.move,
        confidence=round(found.confidence, 3),
        model=model.name,
        model_version=model.version,
    )
    draft_id = f"move:{said.caption_id}:{said.revision}"
    return EventDraft(data, said.end_ms, said.participant_id, id=draft_id)


def moment_draft_id(moment: ComprehensionMoment) -> str:
    """Return the id that a moment's event has."""
    return f"moment:{moment.moment_id}"


def moment_draft(moment: ComprehensionMoment) -> EventDraft:
    """Return a moment at which a learner may not have understood."""
    data = ComprehensionObserved(
        moment=moment, model=comprehension.NAME, model_version=comprehension.VERSION
    )
    draft_id = moment_draft_id(moment)
    return EventDraft(data, moment.end_ms, moment.participant_id, id=draft_id)
