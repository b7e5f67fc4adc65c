"""Talk moves while a lesson goes on: each caption is read with those that were heard before it."""

from __future__ import annotations

from bisect import insort
from dataclasses import replace

from features.reading.parts import Utterance
from lessons.events import CaptionCorrected, EventDraft
from models.talk_moves.interface import CONTEXT_TURNS, Role, Said, TalkMoveModel, Turn
from serving.notes.drafts import move_draft

KEPT_UTTERANCES = 64
"""What was said last: a correction of it is read again, and one of older words is not."""


class HeardMoves:
    """The moves of one lesson.

    Args:
        model: tells the moves.
    """

    def __init__(self, model: TalkMoveModel) -> None:
        self._model = model
        self._said: list[Utterance] = []

    def hear(self, said: Utterance) -> EventDraft | None:
        """Take what was said; return its move, where it makes one."""
        insort(self._said, said, key=lambda one: one.start_ms)
        place = self._said.index(said)
        found = self._move(place)
        del self._said[:-KEPT_UTTERANCES]
        return found

    def correct(self, data: CaptionCorrected) -> EventDraft | None:
        """Take a correction; return the move of the words as they are now, where they make one."""
        for place, one in enumerate(self._said):
            if one.caption_id == data.caption_id and data.revision > one.revision:
                self._said[place] = replace(one, revision=data.revision, text=data.text)
                return self._move(place)
        return None

    def _move(self, place: int) -> EventDraft | None:
        said = self._said[place]
        role = _role(said)
        if role is None:
            return None
        before = [(one.text, _role(one)) for one in self._said[:place]]
        heard = tuple(Said(text, spoke_as) for text, spoke_as in before if spoke_as is not None)
        (found,) = self._model.classify([Turn(said.text, role, heard[-CONTEXT_TURNS:])])
        return None if found.move == "none" else move_draft(said, role, found, self._model)


def _role(said: Utterance) -> Role | None:
    return None if said.role == "other" else said.role
