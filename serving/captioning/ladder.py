"""The order of giving up under load, with hysteresis; pure, so that it can be tested by itself.

Partials get slower, then a smaller model makes them, then it makes finals as well, then new lessons
are refused. Finals of admitted lessons are never dropped on any rung.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

HIGH = 0.85
"""Pressure above which a rung is climbed."""
LOW = 0.5
"""Pressure below which one is descended; between the two everything stays as it is."""
CLIMB_AFTER_S = 4.0
"""How long the pressure must be high before the next rung."""
DESCEND_AFTER_S = 15.0
"""How long it must be low before the rung is left: relief is dearer than patience."""
PARTIAL_INTERVAL_S = 1.0
"""Time between the partials of a track on the lowest rung."""


class Rung(IntEnum):
    """How far the captioner has given way; a higher one includes those below."""

    FULL = 0
    SLOWER_PARTIALS = 1
    SMALLER_PARTIALS = 2
    SMALLER_FINALS = 3
    REFUSING = 4

    @property
    def word(self) -> str:
        """Its name in the API."""
        return self.name.lower()


PARTIAL_INTERVAL_FACTORS = {
    Rung.FULL: 1.0,
    Rung.SLOWER_PARTIALS: 2.0,
    Rung.SMALLER_PARTIALS: 3.0,
    Rung.SMALLER_FINALS: 4.0,
    Rung.REFUSING: 6.0,
}
"""By how much the time between partials grows on each rung."""


@dataclass(frozen=True, slots=True)
class Load:
    """How loaded a captioner is with live lessons, measured over the last few seconds.

    Attributes:
        busy: share of its capacity that live windows took, 0..1.
        finals_busy: share that windows took which end a caption, 0..1.
        finals_delay: the longest that a final has waited, as a share of the declared bound; above 1
            the bound is broken.
    """

    busy: float = 0.0
    finals_busy: float = 0.0
    finals_delay: float = 0.0

    def pressure(self, rung: Rung) -> float:
        """Return what decides whether this rung is enough.

        Partials take whatever is free, and how much that is tells only whether they should come
        less often. Everything harder is decided by what finals need.
        """
        hard = max(self.finals_busy, self.finals_delay)
        return max(hard, self.busy) if rung is Rung.FULL else hard


class Ladder:
    """Which rung the captioner is on.

    Args:
        smaller_model: whether there is one; without it its rungs are left out.
    """

    def __init__(self, *, smaller_model: bool) -> None:
        left_out = () if smaller_model else (Rung.SMALLER_PARTIALS, Rung.SMALLER_FINALS)
        self._rungs = [rung for rung in Rung if rung not in left_out]
        self._place = 0
        self._high_since: float | None = None
        self._low_since: float | None = None

    @property
    def rung(self) -> Rung:
        """The present one."""
        return self._rungs[self._place]

    def observe(self, now: float, load: Load) -> Rung:
        """Take a measurement, in seconds of a clock that never goes back; return the rung."""
        pressure = load.pressure(self.rung)
        below = load.pressure(self._rungs[max(self._place - 1, 0)])
        self._high_since = _since(self._high_since, now, pressure > HIGH)
        self._low_since = _since(self._low_since, now, max(pressure, below) < LOW)
        if self._high_since is not None and now - self._high_since >= CLIMB_AFTER_S:
            self._move(self._place + 1)
        elif self._low_since is not None and now - self._low_since >= DESCEND_AFTER_S:
            self._move(self._place - 1)
        return self.rung

    def _move(self, place: int) -> None:
        """Go there, if there is such a rung; the next move has to wait its full time again."""
        self._place = min(max(place, 0), len(self._rungs) - 1)
        self._high_since = self._low_since = None


def _since(since: float | None, now: float, holds: bool) -> float | None:
    """Since when something has held without a break."""
    if not holds:
        return None
    return now if since is None else since


def partial_rest(worked_s: float, factor: float) -> float:
    """Return how long a track rests after a partial that took so long, in seconds.

    On the lowest rung as long as the work was. A higher one stretches both the rest and the time
    between partials, for with a fast model the rest alone would be nothing.
    """
    return worked_s * factor + (factor - 1.0) * PARTIAL_INTERVAL_S
