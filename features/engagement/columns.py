"""The columns of all learners at the end of one window: the plain ones, and room for the others.

All learners of a lesson are computed at once, and the plain features together: a lesson of one
learner costs little more than one numpy call for each kind of feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.engagement import plain
from features.engagement.catalogue import COLUMNS, FEATURES, LONGEST_SINCE_S
from features.engagement.table import Count, Held, LearnerTable, Numbers
from features.engagement.windows import WINDOW_MS

SPANS = {"5s": 1, "30s": 6, "120s": 24, "300s": 60}
"""The spans that features look back on, in windows."""

Rows = NDArray[np.intp]

_PLACES = {span: place for place, span in enumerate(SPANS)}
_LENGTHS_MS = np.array([[windows * float(WINDOW_MS)] for windows in SPANS.values()])


def rows_of(names: Iterable[str]) -> Rows:
    """Return the columns of features, to put them at once."""
    return np.array([COLUMNS[name] for name in names], dtype=np.intp)


def places_of(names: Iterable[str]) -> Rows:
    """Return which span each feature's name ends in, as an index into `Columns.sums`."""
    return np.array([_PLACES[name.rpartition("_")[2]] for name in names], dtype=np.intp)


def _numbers(kinds: Iterable[int]) -> Rows:
    return np.array(list(kinds), dtype=np.intp)


_COUNTED = (
    rows_of(plain.COUNTED),
    places_of(plain.COUNTED),
    _numbers(plain.COUNTED.values()),
)
_SHARES = (
    rows_of(plain.SHARES),
    places_of(plain.SHARES),
    _numbers(part for part, _ in plain.SHARES.values()),
    _numbers(whole for _, whole in plain.SHARES.values()),
)


def _by_kind(features: Mapping[str, int]) -> tuple[Rows, Rows]:
    return rows_of(features), _numbers(features.values())


_SINCE = _by_kind(plain.SINCE)
_LASTING = _by_kind(plain.LASTING)
_HOLDING = _by_kind(plain.HOLDING)
_STATES = _by_kind(plain.STATES)
_LATENCIES = _by_kind(plain.LATENCIES)


class Columns:
    """The features of all learners; rows that nobody puts stay NaN.

    Args:
        table: what is remembered; its next window is the one that ends.

    Attributes:
        end_ms: the end of the window.
        values: shape (len(FEATURES), learners).
        sums: what was counted in each span: shape (len(SPANS), len(Count), learners).
        there_ms: how long each learner was there in each span: shape (len(SPANS), learners).
    """

    def __init__(self, table: LearnerTable) -> None:
        self._table = table
        self.end_ms = float((table.next_window + 1) * WINDOW_MS)
        self.values = np.full((len(FEATURES), table.size), np.nan)
        self.sums = table.sums(tuple(SPANS.values()))
        there_ms = np.maximum(self.end_ms - table.held[Held.JOINED_MS], WINDOW_MS)
        self.there_ms: Numbers = np.minimum(there_ms, _LENGTHS_MS)
        self._put_sums()
        self._put_times()

    def put(self, name: str, values: Numbers | NDArray[np.bool_] | Sequence[float] | float) -> None:
        """Set one feature of all learners."""
        self.values[COLUMNS[name]] = values

    def put_rows(self, rows: Rows, values: Numbers) -> None:
        """Set several features of all learners."""
        self.values[rows] = values

    def put_one(self, rows: Rows, column: int, values: Sequence[float]) -> None:
        """Set several features of one learner."""
        self.values[rows, column] = values

    def miss(self, rows: Rows, unknown: NDArray[np.bool_] | None = None) -> None:
        """Leave features missing: for everybody, or for those of whom they are unknown."""
        if unknown is None:
            self.values[rows] = np.nan
        elif unknown.any():
            self.values[rows] = np.where(unknown, np.nan, self.values[rows])

    def sum_of(self, span: str, what: Count) -> Numbers:
        """Return one count over a span: shape (learners,)."""
        total: Numbers = self.sums[_PLACES[span], what]
        return total

    def span_ms(self, span: str) -> Numbers:
        """Return how long each learner was there within a span."""
        length: Numbers = self.there_ms[_PLACES[span]]
        return length

    def seconds_since(self, at_ms: Numbers) -> Numbers:
        """Return the seconds from moments to the end of the window, ten minutes at most."""
        seconds = (self.end_ms - at_ms) / 1_000
        return np.minimum(np.maximum(seconds, 0.0), LONGEST_SINCE_S)

    def _put_sums(self) -> None:
        rows, places, kinds = _COUNTED
        self.values[rows] = self.sums[places, kinds]
        rows, places, parts, wholes = _SHARES
        whole = self.sums[places, wholes]
        self.values[rows] = self.sums[places, parts] / np.where(whole > 0, whole, np.nan)

    def _put_times(self) -> None:
        held, last = self._table.held, self._table.last
        unset = np.isnan(held)
        last = np.where(np.isnan(last), held[Held.JOINED_MS], last)
        rows, kinds = _SINCE
        self.values[rows] = self.seconds_since(last[kinds])
        rows, kinds = _LASTING
        self.values[rows] = np.where(unset[kinds], 0.0, self.seconds_since(held[kinds]))
        rows, kinds = _HOLDING
        self.values[rows] = ~unset[kinds]
        rows, kinds = _STATES
        self.values[rows] = np.where(unset[kinds], 0.0, held[kinds])
        rows, kinds = _LATENCIES
        self.values[rows] = held[kinds] / 1_000
