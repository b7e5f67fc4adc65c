"""The likeliest division of a lesson: a semi-Markov model, decoded row by row.

Segments have a label, a length and a boundary. What follows what, how long segments last and in
which order problems come is counted in lessons; what rows say comes from the network and from the
worksheet. Source of the algorithm: Sarawagi and Cohen 2004, "Semi-Markov Conditional Random Fields
for Information Extraction" (here with few weights, chosen by cross-validation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from features.segmentation import Array
from models.segments.card import DecodingWeights, Durations, Habits
from models.segments.network import RowScores

LONGEST = 500
"""Rows of a segment at most; only the first one may be longer."""

TALK, UNKNOWN_PROBLEM, FIRST_PROBLEM = 0, 1, 2
"""Labels; from `FIRST_PROBLEM` on they are the worksheet's problems, or one for all without."""

_NEVER = -1e9
_SAME_PROBLEM_AGAIN = -6.0

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each row says of a lesson.

    Attributes:
        fit, numbers: shape (rows, problems), see `ProblemFit`; no columns without a worksheet.
    """

    rows: RowScores
    fit: Array
    numbers: Array

    def __len__(self) -> int:
        return len(self.fit)


@dataclass(frozen=True, slots=True)
class Span:
    """Rows from `start` to before `end` under one label."""

    start: int
    end: int
    label: int


def decode(
    evidence: Evidence, weights: DecodingWeights, habits: Habits, *, ended: bool = True
) -> list[Span]:
    """Return the likeliest spans, which tile the rows; none if there are no rows.

    Args:
        ended: the last row is the lesson's last, which says what the last span may be.
    """
    scoring = Scoring(weights, habits, evidence.fit.shape[1])
    lattice = Lattice(scoring)
    lattice.add(*scoring.scores(evidence))
    return lattice.path(ended=ended)


class Scoring:
    """What spans, rows and boundaries score, for a worksheet of so many problems."""

    def __init__(self, weights: DecodingWeights, habits: Habits, problems: int) -> None:
        self._weights, self._problems = weights, problems
        self.labels = FIRST_PROBLEM + max(problems, 1)
        self._kinds = np.minimum(np.arange(self.labels), FIRST_PROBLEM)
        between = np.log(np.array(habits.changes))[np.ix_(self._kinds, self._kinds)]
        self.changes = weights.change * between
        if problems:
            known = weights.order * order_scores(problems, habits)
            self.changes[FIRST_PROBLEM:, FIRST_PROBLEM:] += known
        first, *others = (_log_durations(each) for each in habits.durations)
        self.first = np.repeat(weights.duration * first[:, np.newaxis], self.labels, axis=1)
        self.lengths = weights.duration * np.stack(others, axis=1)[:, self._kinds]
        self.lasts = weights.change * np.log(np.array(habits.lasts))[self._kinds]

    def scores(self, evidence: Evidence) -> tuple[Scores, Scores]:
        """Return what rows score under each label, and as its first row; both (rows, labels)."""
        weights, problems = self._weights, slice(FIRST_PROBLEM, None)
        rows = weights.label * evidence.rows.labels[:, self._kinds].astype(np.float64)
        begins = weights.boundary * evidence.rows.boundary.astype(np.float64) + weights.threshold
        firsts = np.repeat(begins[:, np.newaxis], self.labels, axis=1)
        if self._problems:
            rows[:, problems] += weights.fit * (evidence.fit - weights.fit_expected)
            firsts[:, problems] += weights.number * evidence.numbers
        return rows, firsts


class Lattice:
    """Best scores of every way to divide the rows so far, by the label of the last span.

    Args:
        after: the label of a span that ended just before the first row; None: the lesson begins.
        begins: shape (labels,), what the first row scores as the first of each label.
    """

    def __init__(
        self, scoring: Scoring, after: int | None = None, begins: Scores | None = None
    ) -> None:
        self._scoring = scoring
        self._start = np.full((1, scoring.labels), _NEVER)
        if after is None:
            self._start[0, TALK] = 0.0
        else:
            self._start[0] = scoring.changes[after] + (0.0 if begins is None else begins)
        self._first = scoring.first if after is None else scoring.lengths
        self._total = np.zeros((1, scoring.labels))
        self._best = np.full((1, scoring.labels), _NEVER)
        self._from = np.zeros((1, scoring.labels), np.int64)
        self._previous = np.zeros((1, scoring.labels), np.int64)
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, rows: Scores, firsts: Scores) -> None:
        """Go on with more rows, as `Scoring.scores` gives them."""
        self._make_room(len(rows))
        for row, first in zip(rows, firsts, strict=True):
            if self._rows:
                follow = self._best[self._rows][:, np.newaxis] + self._scoring.changes
                self._previous[self._rows] = follow.argmax(axis=0)
                self._start[self._rows] = follow.max(axis=0) + first
            self._total[self._rows + 1] = self._total[self._rows] + row
            self._rows += 1
            self._end_here()

    def _end_here(self) -> None:
        """Find the best last span of each label that ends with the newest row."""
        end, every = self._rows, np.arange(self._scoring.labels)
        total = self._total[end]
        self._best[end] = self._start[0] + self._first[min(end, LONGEST) - 1] + total
        low = max(1, end - LONGEST)
        if low < end:
            ways = self._start[low:end] + total - self._total[low:end]
            ways += self._scoring.lengths[end - 1 - np.arange(low, end)]
            place = ways.argmax(axis=0)
            scores = ways[place, every]
            better = scores > self._best[end]
            self._best[end][better] = scores[better]
            self._from[end][better] = low + place[better]

    def _make_room(self, rows: int) -> None:
        missing = self._rows + rows + 1 - len(self._best)
        if missing > 0:
            more = max(missing, len(self._best))
            self._start, self._best = _longer(self._start, more), _longer(self._best, more)
            self._total = _longer(self._total, more)
            self._from, self._previous = _longer(self._from, more), _longer(self._previous, more)

    def path(self, *, ended: bool) -> list[Span]:
        """Return the likeliest spans of the rows so far, see `decode`."""
        end = self._rows
        if not end:
            return []
        lasts = self._scoring.lasts if ended else 0.0
        label = int((self._best[end] + lasts).argmax())
        spans = []
        while end > 0:
            start = int(self._from[end, label])
            spans.append(Span(start, end, label))
            end, label = start, int(self._previous[start, label])
        return spans[::-1]


_Numbers = TypeVar("_Numbers", Scores, NDArray[np.int64])


def _longer(table: _Numbers, rows: int) -> _Numbers:
    """Return a table with rows of zeros below."""
    return np.concatenate([table, np.zeros_like(table, shape=(rows, table.shape[1]))])


def order_scores(problems: int, habits: Habits) -> Scores:
    """Return the logarithm of how likely each problem follows each, shape (problems, problems)."""
    place = np.arange(problems)
    step = place[np.newaxis] - place[:, np.newaxis]
    farther = (np.abs(step) - 1) * np.log(1 - 1 / habits.step)
    turn = np.where(step > 0, np.log(habits.forward), np.log(1 - habits.forward))
    scores: Scores = np.where(step == 0, _SAME_PROBLEM_AGAIN, turn + farther)
    return scores


def _log_durations(durations: Durations) -> Scores:
    """Return the log-density of 1, 2, ... `LONGEST` rows."""
    logarithm = np.log(np.arange(1, LONGEST + 1))
    scaled = (logarithm - durations.mean) / durations.deviation
    density: Scores = -logarithm - np.log(durations.deviation) - 0.5 * scaled**2
    return density
