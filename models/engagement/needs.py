"""Evidence that somebody needs a look, added up over time: since when, how much, and of what kind.

A cumulated sum of log-odds that begins anew whenever it falls to nothing (Page 1954, "Continuous
inspection schemes"): one odd window neither makes a need nor ends one, and a weak sign that goes on
counts as much as a strong one that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from features.engagement import LearnerWindow
from models.engagement.observed import has_anything, shows_away
from models.engagement.states import AWAY, DRIFTING, STATES, STUCK

EVEN = 0.3
"""Probability of a need that speaks neither for it nor against it."""

MOST_A_WINDOW = 3.0
"""Most that one window adds or takes, in nats."""

MOST = 30.0
"""The sum grows no further, so that a need that is over is forgotten within a minute."""

ENOUGH = 10.0
"""Sum from which a need is one, in nats. Set with `EVEN` and `MOST` on simulated learners of other
seeds than any that is measured on, so that kinds left out of the fit cost one false alarm an hour.
"""

_PLACES: Mapping[str, int] = {state: STATES.index(state) for state in (STUCK, DRIFTING, AWAY)}
_TINY = 1e-3


@dataclass(frozen=True, slots=True)
class Need:
    """What speaks for a look at one learner.

    Attributes:
        since_ms: since when, on the lesson clock.
        evidence: in nats; 0: nothing does.
        kind: `stuck`, `drifting` or `away`; the last only where connection or visibility shows it.
    """

    since_ms: int
    evidence: float
    kind: str

    @property
    def is_clear(self) -> bool:
        """Whether there is evidence enough, however long it took."""
        return self.evidence >= ENOUGH


class NeedKeeper:
    """Adds up the evidence on one learner; where nothing is seen, none is kept."""

    def __init__(self) -> None:
        self._evidence = 0.0
        self._since_ms = 0
        self._seen = dict.fromkeys(_PLACES, 0.0)

    def take(self, window: LearnerWindow, probabilities: NDArray[np.float32]) -> Need:
        """Take a window's probabilities, shape (states,)."""
        chances = {state: float(probabilities[place]) for state, place in _PLACES.items()}
        added = _added(sum(chances.values())) if has_anything(window) else -MOST
        if self._evidence == 0.0:
            self._since_ms = window.start_ms
            self._seen = dict.fromkeys(_PLACES, 0.0)
        self._evidence = min(max(self._evidence + added, 0.0), MOST)
        for state, chance in chances.items():
            self._seen[state] += chance
        return Need(self._since_ms, self._evidence, self._kind(window))

    def _kind(self, window: LearnerWindow) -> str:
        if self._seen[STUCK] >= self._seen[DRIFTING] + self._seen[AWAY]:
            return STUCK
        # Away is nothing to guess: without a sign of it, nothing is done, and that is all.
        return AWAY if shows_away(window) else DRIFTING


def _added(chance: float) -> float:
    odds = log((chance + _TINY) / (1.0 - min(chance, 1.0) + _TINY)) - log(EVEN / (1 - EVEN))
    return min(max(odds, -MOST_A_WINDOW), MOST_A_WINDOW)
