"""What is kept of one learner while a lesson goes on."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

import numpy as np

from features.engagement import FEATURES, LearnerWindow
from lessons.events.engagement import EngagementSignal
from models.engagement.decision import Decision, Judgement
from models.engagement.profile import ProfileKeeper
from serving.engagement.wire import Array

MOST_HISTORY = 64
"""Windows that are kept for the model: more than five minutes."""

REPEAT_MS = 30_000
"""How long a state holds before it is told again, so that no tile is stale."""


class LearnerState:
    """One learner: the windows that the model reads, the judgement, and the profile."""

    def __init__(self) -> None:
        self.judgement: Judgement | None = None
        self.profile = ProfileKeeper()
        self.first_ms: int | None = None
        self.told_ms = -1
        self._decision = Decision()
        self._since: list[tuple[int, str]] = []
        self._windows: deque[LearnerWindow] = deque(maxlen=MOST_HISTORY)

    def close(self, window: LearnerWindow, cleared_ms: int | None = None) -> None:
        """Take a window that has ended, before it is judged.

        Args:
            cleared_ms: when the learner last took consent back: nothing of before is kept.
        """
        if cleared_ms is not None and (self.first_ms or 0) < cleared_ms <= window.start_ms:
            self.profile, self.first_ms = ProfileKeeper(), None
            self._windows.clear()
        if self.first_ms is None:
            self.first_ms = window.start_ms
        self._windows.append(window)
        self.profile.take(window, self._state_at(window.start_ms))

    def history(self, windows: int) -> Array:
        """Return the newest windows, shape (windows, features); NaN before the first."""
        stacked = np.full((windows, len(FEATURES)), np.nan, dtype=np.float32)
        newest = list(self._windows)[-windows:]
        if newest:
            stacked[-len(newest) :] = [window.values for window in newest]
        return stacked

    def judge(self, window: LearnerWindow, probabilities: Array) -> Judgement:
        """Judge the newest window."""
        self.judgement = self._decision.take(window, probabilities)
        self._note(window.end_ms, self.judgement.state)
        return self.judgement

    def is_due(self, judgement: Judgement) -> bool:
        """Tell whether a judgement is to be told, and take it as told then."""
        if self.told_ms >= judgement.end_ms:
            return False  # A process before this one has told it.
        if not judgement.changed and judgement.end_ms - self.told_ms < REPEAT_MS:
            return False
        self.told_ms = judgement.end_ms
        return True

    def follow(self, signal: EngagementSignal) -> None:
        """Take a signal out of the ledger: go on from it, unless it is one's own."""
        if signal.end_ms <= self.told_ms:
            return
        self.told_ms = signal.end_ms
        self._note(signal.end_ms, signal.state)
        self._decision.resume(signal.state, signal.since_ms)

    def _note(self, at_ms: int, state: str) -> None:
        if not self._since or self._since[-1][1] != state:
            self._since.append((at_ms, state))

    def _state_at(self, at_ms: int) -> str | None:
        """Return the state that held at a moment; None: nothing was judged until then."""
        place = bisect_right(self._since, at_ms, key=lambda noted: noted[0])
        return self._since[place - 1][1] if place else None
