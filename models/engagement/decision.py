"""From probabilities to a judgement that a person can act on: steady, and silent where unsure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.engagement import LearnerWindow
from lessons.lesson_context import LessonContext
from models.engagement.needs import Need, NeedKeeper
from models.engagement.observed import evidence_names, has_anything, shows_away, shows_hidden
from models.engagement.states import AWAY, STATES, TAB_HIDDEN, UNKNOWN

SMOOTHING = 0.5
"""Weight of the newest window; what is five seconds older counts half."""

ENTER = 0.45
"""Least smoothed probability with which a state is entered."""

STAY = 0.3
"""Below it a state is left, for `unknown` where nothing else is clear."""

MARGIN = 0.08
"""By how much a state must lead the next likely one to be entered."""

MIN_DWELL_MS = 20_000
"""How long a judgement stands at least, so that no tile flaps."""

ENOUGH_WINDOWS = 4
"""Windows in a row in which something was seen, before anything but proof is told: 20 s."""

MOST_EVIDENCE = 12
"""Events that one judgement names."""

_PROVEN = (AWAY, TAB_HIDDEN)
_AWAY, _HIDDEN = STATES.index(AWAY), STATES.index(TAB_HIDDEN)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a learner is seen doing at the end of a window.

    Attributes:
        state: one of `STATES`, or `unknown`.
        since_ms: since when it holds, on the lesson clock.
        start_ms, end_ms: the window that was judged last.
        confidence: smoothed probability of the state; of `unknown`, that no other one is right.
        changed: whether the state is another one than at the window before.
        context: what the lesson is doing.
        evidence: ids of events behind it, empty for `unknown`.
        need: what speaks for a look at the learner, however long the state has held.
    """

    participant_id: str
    state: str
    since_ms: int
    start_ms: int
    end_ms: int
    confidence: float
    changed: bool
    context: LessonContext
    evidence: tuple[str, ...]
    need: Need


class Decision:
    """Judges one learner, window by window, with hysteresis in probability and in time.

    Somebody is called away, or their tab hidden, only while an event of connection or visibility
    shows it: without one that part of the probability speaks for nothing. With one they are called
    so at once; every other state takes some windows in which something was seen.
    """

    def __init__(self) -> None:
        self._smoothed: NDArray[np.float64] | None = None
        self._state: str | None = None
        self._since_ms = 0
        self._seen = 0
        self._needs = NeedKeeper()

    def resume(self, state: str, since_ms: int) -> None:
        """Go on from a judgement that was made before a restart."""
        self._state, self._since_ms = state, since_ms
        self._seen = ENOUGH_WINDOWS

    def take(self, window: LearnerWindow, probabilities: NDArray[np.float32]) -> Judgement:
        """Judge a window by its probabilities, shape (states,)."""
        smoothed = self._smooth(window, probabilities)
        self._seen = self._seen + 1 if has_anything(window) else 0
        wanted = self._wanted(smoothed) if self._seen else UNKNOWN
        if self._seen < ENOUGH_WINDOWS and wanted not in _PROVEN:
            wanted = UNKNOWN
        changed = self._move(wanted, window)
        state = self._state or UNKNOWN
        # Within its least time a state may outlive what spoke for it.
        sure = float(smoothed[STATES.index(state)]) if state != UNKNOWN else 1 - smoothed.max()
        return Judgement(
            window.participant_id,
            state,
            self._since_ms,
            window.start_ms,
            window.end_ms,
            float(np.clip(sure, 0.0, 1.0)),
            changed,
            window.context,
            evidence_of(window, state),
            self._needs.take(window, probabilities),
        )

    def _smooth(
        self, window: LearnerWindow, probabilities: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Return the smoothed probabilities without what would be a guess; they may sum to less."""
        newest = probabilities.astype(np.float64)
        if self._smoothed is not None:
            newest = SMOOTHING * newest + (1 - SMOOTHING) * self._smoothed
        if not shows_away(window):
            newest[_AWAY] = 0.0
        if not shows_hidden(window):
            newest[_HIDDEN] = 0.0
        self._smoothed = newest
        return newest

    def _wanted(self, smoothed: NDArray[np.float64]) -> str:
        """Return the state that the probabilities speak for, given the one that holds."""
        second, first = (int(place) for place in np.argsort(smoothed)[-2:])
        if smoothed[first] >= ENTER and smoothed[first] - smoothed[second] >= MARGIN:
            return STATES[first]
        held = self._state
        if held is not None and held != UNKNOWN and smoothed[STATES.index(held)] >= STAY:
            return held
        return UNKNOWN

    def _move(self, wanted: str, window: LearnerWindow) -> bool:
        """Go over to a state, unless the one that holds is too young; return whether it changed."""
        begins = self._state is None
        rested = window.end_ms - self._since_ms > MIN_DWELL_MS
        if wanted == self._state or not (begins or rested):
            return False
        self._state, self._since_ms = wanted, window.start_ms
        return True


def evidence_of(window: LearnerWindow, state: str) -> tuple[str, ...]:
    """Return ids of the newest events behind what speaks for a state."""
    names = [name for name in evidence_names(state) if name in window.events]
    ids = dict.fromkeys(event for name in names for event in window.events[name])
    return tuple(ids)[:MOST_EVIDENCE]
