"""Turns and exchanges as the pairs that a network reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.talk.overlap import OVERLAP, overlap, words_of
from models.talk_moves.interface import CONTEXT_TURNS, Exchange, Turn

MOVE_NUMBERS = 2 * len(OVERLAP) + 2
"""Overlap with the newest turn of the other role, and with the newest turn; how there are any."""

_LABELS = {"tutor": "teacher", "learner": "student"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pieces of text, and plain numbers about them.

    Attributes:
        numbers: shape (numbers,).
    """

    first: str
    second: str
    numbers: NDArray[np.float32]


def pair_of_turn(turn: Turn) -> Pair:
    """Return the turns before as one text, each begun by its role, and the turn itself.

    Punctuation goes, for transcripts that models are fitted on have none.
    """
    before = turn.before[-CONTEXT_TURNS:]
    others = [said.text for said in before if said.role != turn.role]
    newest = before[-1].text if before else ""
    other = others[-1] if others else ""
    numbers = (
        overlap(other, turn.text),
        overlap(newest, turn.text),
        np.asarray((bool(others), bool(before) and before[-1].role != turn.role), np.float32),
    )
    context = " ".join(f"{_LABELS[said.role]} : {_plain(said.text)}" for said in before)
    return Pair(context, f"{_LABELS[turn.role]} : {_plain(turn.text)}", np.concatenate(numbers))


def pairs_of_exchanges(exchanges: Sequence[Exchange]) -> list[Pair]:
    """Return exchanges as pairs."""
    return [
        Pair(each.student, each.teacher, overlap(each.student, each.teacher)) for each in exchanges
    ]


def _plain(text: str) -> str:
    return " ".join(words_of(text))
