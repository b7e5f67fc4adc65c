"""How well a lesson was divided: Pk, WindowDiff and boundaries found within three rows.

Pk: Beeferman, Berger and Lafferty 1999; WindowDiff: Pevzner and Hearst 2002; both with a window of
half the mean length of a lesson's true segments, and averaged over lessons. Boundaries are counted
over all lessons. Intervals are 95 % bootstrap over lessons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from training.rare_event_scores import RESAMPLES, SEED, Interval

_Part = TypeVar("_Part")

Flags = NDArray[np.bool_]
Integers = NDArray[np.int64]

TOLERANCE = 3


@dataclass(frozen=True, slots=True)
class DivisionCounts:
    """One lesson's errors.

    Attributes:
        found: boundaries that have a true one within `TOLERANCE` rows, one for one.
        true: how many there are.
        told: how many were told.
    """

    pk: float
    window_diff: float
    found: int
    true: int
    told: int


@dataclass(frozen=True, slots=True)
class DivisionScore:
    """The figures of all lessons. `ratio` is how many boundaries were told for each true one."""

    pk: Interval
    window_diff: Interval
    f1: Interval
    ratio: float
    lessons: int


def count_errors(true: Flags, told: Flags) -> DivisionCounts:
    """Compare where segments begin with where they were said to begin; both shape (rows,)."""
    rows = len(true)
    window = max(1, round(rows / (2 * (int(true.sum()) + 1))))
    one, other = _boundaries_between(true, window), _boundaries_between(told, window)
    if not len(one):
        return DivisionCounts(0.0, 0.0, 0, int(true.sum()), int(told.sum()))
    return DivisionCounts(
        float(((one > 0) != (other > 0)).mean()),
        float((one != other).mean()),
        _found(np.flatnonzero(true), np.flatnonzero(told)),
        int(true.sum()),
        int(told.sum()),
    )


def _boundaries_between(begins: Flags, window: int) -> Integers:
    """Return how many segments begin between each row and the one a window further on."""
    so_far = np.cumsum(begins)
    between: Integers = so_far[window:] - so_far[:-window]
    return between


def _found(true: Integers, told: Integers) -> int:
    """Return how many pairs of boundaries lie close together, each in one pair at most."""
    found, place = 0, 0
    for each in true:
        while place < len(told) and told[place] < each - TOLERANCE:
            place += 1
        if place < len(told) and told[place] <= each + TOLERANCE:
            found += 1
            place += 1
    return found


def score_division(lessons: Sequence[DivisionCounts]) -> DivisionScore:
    """Return the figures over lessons."""
    return DivisionScore(
        over_lessons(lessons, _mean_pk),
        over_lessons(lessons, _mean_window_diff),
        over_lessons(lessons, boundary_f1),
        sum(each.told for each in lessons) / max(1, sum(each.true for each in lessons)),
        len(lessons),
    )


def over_lessons(lessons: Sequence[_Part], figure: Callable[[Sequence[_Part]], float]) -> Interval:
    """Return a figure with its interval; lessons are drawn whole, with replacement."""
    generator = np.random.default_rng(SEED)
    drawn = [
        figure([lessons[place] for place in generator.integers(0, len(lessons), len(lessons))])
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(figure(lessons), float(low), float(high))


def boundary_f1(lessons: Sequence[DivisionCounts]) -> float:
    """Return twice what was found over what there is and what was told."""
    both = sum(each.true + each.told for each in lessons)
    return 2 * sum(each.found for each in lessons) / both if both else 1.0


def _mean_pk(lessons: Sequence[DivisionCounts]) -> float:
    return float(np.mean([each.pk for each in lessons]))


def _mean_window_diff(lessons: Sequence[DivisionCounts]) -> float:
    return float(np.mean([each.window_diff for each in lessons]))
