"""Cuts labelled talk so that no transcript is on two sides.

Files of talk moves name no transcript, but keep their order: they are cut into pieces of
neighbouring rows, and of the pieces that are fitted on, the rows next to another side are left out.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from training.talk_sets import LabelledTurn

PIECES = 40
EDGE = 400
"""Rows left out beside a cut: more than most transcripts have of one role."""

REPEATED_WORDS = 8
"""A sentence this long that is on two sides is of a transcript that the file holds twice."""

_SIDES = "tttvtttttr" * (PIECES // 10)
"""Which piece is fitted on (t), chosen on (v) and reported (r)."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Rows to fit on, to choose on, and to report."""

    fit: list[int]
    choose: list[int]
    report: list[int]


def split_moves(turns: Sequence[LabelledTurn]) -> Sides:
    """Cut the rows of a file of talk moves."""
    names = [_SIDES[row * PIECES // len(turns)] for row in range(len(turns))]
    choose = [row for row, name in enumerate(names) if name == "v"]
    report = [row for row, name in enumerate(names) if name == "r"]
    elsewhere = {_long(turns[row]) for row in (*choose, *report)} - {""}
    fit = [
        row
        for row, name in enumerate(names)
        if name == "t" and _far(names, row) and _long(turns[row]) not in elsewhere
    ]
    return Sides(fit, choose, report)


def fold_of(transcript: str, folds: int) -> int:
    """Return which fold a transcript is in, the same one in every data set."""
    return zlib.crc32(transcript.encode()) % folds


def _far(names: list[str], row: int) -> bool:
    before, after = max(row - EDGE, 0), min(row + EDGE, len(names) - 1)
    return names[before] == names[after] == "t"


def _long(labelled: LabelledTurn) -> str:
    text = labelled.turn.text
    return text if len(text.split()) >= REPEATED_WORDS else ""
