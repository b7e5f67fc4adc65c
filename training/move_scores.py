"""How well moves of turns are told, with intervals over pieces of transcripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

DRAWS = 200
SEED = 20_261_126
PIECE = 250
"""Neighbouring sentences of a role that are drawn together: about a transcript; none is named."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def bootstrap(
    groups: Sequence[object], figure: Callable[[NDArray[np.int64]], float], draws: int = DRAWS
) -> Figure:
    """Return a figure with the interval that drawing whole groups gives.

    Args:
        groups: the group of each row.
        figure: rows in, which may come several times, a number out; NaN where there is none.
        draws: how often.
    """
    names = np.asarray([str(group) for group in groups])
    _, codes = np.unique(names, return_inverse=True)
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    draw = np.random.default_rng(SEED)
    drawn = [
        figure(np.concatenate([parts[each] for each in draw.integers(0, len(parts), len(parts))]))
        for _ in range(draws)
    ]
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return Figure(figure(np.arange(len(names))), float(low), float(high))


def score_moves(labels: Labels, told: Labels, moves: Sequence[str]) -> dict[str, Figure]:
    """Return macro-F1, micro-F1 without `none`, MCC and F1 of each move.

    Args:
        labels: in the order of the file.
        told: by the model.
        moves: names, `none` first.
    """
    pieces = np.arange(len(labels)) // PIECE
    tables = np.zeros((pieces[-1] + 1, len(moves), len(moves)))
    np.add.at(tables, (pieces, labels, told), 1)
    draw = np.random.default_rng(SEED)
    drawn = [
        _figures(tables[draw.integers(0, len(tables), len(tables))].sum(0), moves)
        for _ in range(DRAWS)
    ]
    whole = _figures(tables.sum(0), moves)
    return {
        name: Figure(value, *map(float, np.percentile([each[name] for each in drawn], (2.5, 97.5))))
        for name, value in whole.items()
    }


def _figures(table: Floats, moves: Sequence[str]) -> dict[str, float]:
    """Return the figures of a table, shape (moves as labelled, moves as told)."""
    hits, labelled, told = table.diagonal(), table.sum(1), table.sum(0)
    f1 = 2 * hits / np.maximum(labelled + told, 1)
    micro = 2 * hits[1:].sum() / max(labelled[1:].sum() + told[1:].sum(), 1)
    return {
        "macro-F1": float(f1.mean()),
        "micro-F1 without none": float(micro),
        "MCC": _correlation(table),
    } | {f"F1 of {move}": float(each) for move, each in zip(moves, f1, strict=True)}


def _correlation(table: Floats) -> float:
    """Return Matthews' correlation for several classes (Gorodkin 2004); 0 where it is undefined."""
    labelled, told, total = table.sum(1), table.sum(0), table.sum()
    above = table.trace() * total - labelled @ told
    below = (total**2 - told @ told) * (total**2 - labelled @ labelled)
    return float(above / np.sqrt(below)) if below > 0 else 0.0
