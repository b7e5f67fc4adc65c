"""Stays: how long one window was in front before another came, from changes in any order."""

from __future__ import annotations

from bisect import bisect_left, insort
from itertools import pairwise

BRIEF_MS = 5_000.0
"""A stay that is shorter is a glance."""

AT_ONCE_MS = 250.0
"""Changes so close to each other are one: a window goes behind as the other comes to the front."""

_KEPT_BEFORE = 3
"""Changes that are kept from before what anything looks back to, for the stay that goes on."""


class Stays:
    """The changes of one learner between the lesson and something else, over the last minutes."""

    __slots__ = ("_changes",)

    def __init__(self) -> None:
        self._changes: list[float] = []

    def change(self, at_ms: float) -> None:
        """Take that something else came to the front; it may come late."""
        insort(self._changes, at_ms)

    def since(self, end_ms: float) -> float | None:
        """Return when the stay that goes on at a moment began; None: no change is known."""
        changes = self._until(end_ms)
        return changes[-1] if changes else None

    def before_ms(self, end_ms: float) -> float | None:
        """Return how long the last stay was that is over; None: none is known."""
        over = _lengths(self._until(end_ms))
        return over[-1] if over else None

    def brief_share(self, start_ms: float, end_ms: float) -> float | None:
        """Return the share of brief ones among the stays that ended within a span; None: none."""
        until = self._until(end_ms)
        first = bisect_left(until, start_ms)
        # The first of them began with a change before the span, where one is known.
        over = _lengths(until[max(first - 1, 0) :])
        return sum(length < BRIEF_MS for length in over) / len(over) if over else None

    def forget(self, before_ms: float) -> None:
        """Drop changes that nothing looks back to."""
        place = bisect_left(self._changes, before_ms) - _KEPT_BEFORE
        if place > 0:
            del self._changes[:place]

    def _until(self, end_ms: float) -> list[float]:
        return self._changes[: bisect_left(self._changes, end_ms)]


def _lengths(changes: list[float]) -> list[float]:
    lengths = (later - earlier for earlier, later in pairwise(changes))
    return [length for length in lengths if length >= AT_ONCE_MS]
