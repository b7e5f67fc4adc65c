"""Talk moves by a fitted network, out of a folder that an operator names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.talk_moves.interface import STUDENT_MOVES, TEACHER_MOVES, MoveProbabilities, Turn
from models.talk_moves.turns_as_pairs import pair_of_turn

if TYPE_CHECKING:
    from models.talk_moves.running import RunningNetwork

_TEACHERS = len(TEACHER_MOVES)


class NetworkMoves:
    """A `TalkMoveModel`: one network for teachers and learners.

    Args:
        network: whose outputs are TEACHER_MOVES, then STUDENT_MOVES.
    """

    def __init__(self, network: RunningNetwork) -> None:
        self.name, self.version = network.card.name, network.card.version
        self._network = network
        self._offsets = np.asarray(network.card.offsets or np.zeros(_TEACHERS + len(STUDENT_MOVES)))

    def classify(self, turns: Sequence[Turn]) -> list[MoveProbabilities]:
        """See `TalkMoveModel`."""
        rows = self._network.outputs([pair_of_turn(turn) for turn in turns])
        return [self._moves(turn, row) for turn, row in zip(turns, rows, strict=True)]

    def _moves(self, turn: Turn, row: NDArray[np.float32]) -> MoveProbabilities:
        tutor = turn.role == "tutor"
        moves = TEACHER_MOVES if tutor else STUDENT_MOVES
        own = slice(0, _TEACHERS) if tutor else slice(_TEACHERS, None)
        values = row[own].astype(np.float64)
        chances = np.exp(values - values.max())
        chances /= chances.sum()
        shown = moves[int((values + self._offsets[own]).argmax())]
        return MoveProbabilities(dict(zip(moves, chances.tolist(), strict=True)), shown)
