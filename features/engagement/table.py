"""What is remembered of the learners of one lesson, as arrays with a column each."""

from __future__ import annotations

from enum import IntEnum, auto

import numpy as np
from numpy.typing import NDArray

from features.engagement.windows import WINDOW_MS

Numbers = NDArray[np.float64]

LOOK_BACK = 60
"""Windows that are remembered: five minutes. What comes later than that is too late."""

AHEAD = 4
"""Windows past the one to be closed next, for what is counted there already."""

_SLOTS = LOOK_BACK + AHEAD
_FIRST_SIZE = 4


class Count(IntEnum):
    """What is added up in each window."""

    KEYS = 0
    CLICKS = auto()
    POINTER = auto()
    SCROLLS = auto()
    EDITS = auto()
    REPORTED_MS = auto()
    ACTIVE_MS = auto()
    POINTER_ONLY_MS = auto()
    FOCUS_SWITCHES = auto()
    BOARD = auto()
    CONTENT = auto()
    CHAT = auto()
    CHAT_CHARACTERS = auto()
    HANDS = auto()
    ANSWERS = auto()
    GRADED = auto()
    CORRECT = auto()
    RAPID = auto()
    HINTS = auto()
    HELP_WRITTEN = auto()
    QUESTIONS_WRITTEN = auto()
    TALK_MS = auto()
    TURNS = auto()
    WORDS = auto()
    HELP_SPOKEN = auto()
    QUESTIONS_SPOKEN = auto()
    TOPIC_WORDS = auto()
    TOPIC = auto()
    FRAMES = auto()
    FACE_FRAMES = auto()
    FACING_SCREEN = auto()
    FACING_DESK = auto()
    HAND_MOTION = auto()
    LARGE_MOTION = auto()


class Since(IntEnum):
    """What the last time of is remembered."""

    INPUT = 0
    REPORT = auto()
    BOARD = auto()
    CONTENT = auto()
    CHAT = auto()
    HAND = auto()
    POLL = auto()
    ANSWER = auto()
    CORRECT = auto()
    TALK = auto()
    CAMERA = auto()


class Held(IntEnum):
    """What holds until it changes; NaN: nothing is known."""

    JOINED_MS = 0
    LEFT_MS = auto()
    AWAY_MS = auto()
    HAND_MS = auto()
    IDLE_MS = auto()
    MUTED = auto()
    WRONG_STREAK = auto()
    TRIES = auto()
    ANSWER_MS = auto()
    TASK_MS = auto()
    POLL_LATENCY_MS = auto()
    RESPONSE_LATENCY_MS = auto()


class LearnerTable:
    """Counts by window, last times and states of every learner; all times on the lesson clock.

    Windows are told by their number, `time // WINDOW_MS`. The counts are a ring: a window that has
    left the last five minutes makes room for a new one.
    """

    def __init__(self) -> None:
        self.size = 0
        self.next_window = 0
        self._counts = np.zeros((_SLOTS, len(Count), _FIRST_SIZE))
        self._faces = np.zeros((_SLOTS, _FIRST_SIZE))
        self._last = np.full((len(Since), _FIRST_SIZE), np.nan)
        self._held = np.full((len(Held), _FIRST_SIZE), np.nan)
        self._stamps = np.full((len(Held), _FIRST_SIZE), -np.inf)

    @property
    def last(self) -> Numbers:
        """Shape (len(Since), learners): when each last was, in ms; NaN: never."""
        return self._last[:, : self.size]

    @property
    def held(self) -> Numbers:
        """Shape (len(Held), learners)."""
        return self._held[:, : self.size]

    def add_learner(self) -> int:
        """Return the column of a new learner."""
        if self.size == self._faces.shape[1]:
            self._counts = _wider(self._counts, 0.0)
            self._faces = _wider(self._faces, 0.0)
            self._last = _wider(self._last, np.nan)
            self._held = _wider(self._held, np.nan)
            self._stamps = _wider(self._stamps, -np.inf)
        self.size += 1
        return self.size - 1

    def join(self, column: int, at_ms: float) -> None:
        """Note when a learner came: what never happened counts from there."""
        earlier = np.fmin(self._held[Held.JOINED_MS, column], at_ms)
        self._held[Held.JOINED_MS, column] = earlier

    def come_back(self, column: int, at_ms: float) -> None:
        """Note that a learner who had left does something."""
        if self._held[Held.LEFT_MS, column] < at_ms:
            self.hold(Held.LEFT_MS, column, np.nan, at_ms)

    def count(self, what: Count, column: int, at_ms: float, amount: float = 1.0) -> None:
        """Add to what is counted in the window that a moment lies in."""
        window = int(at_ms // WINDOW_MS)
        if self._holds(window):
            self._counts[window % _SLOTS, what, column] += amount

    def spread(
        self, what: Count, column: int, start_ms: float, end_ms: float, amount: float
    ) -> None:
        """Add an amount to the windows that a span lies in, to each by its part of the span."""
        if end_ms <= start_ms:
            self.count(what, column, start_ms, amount)
            return
        for window in range(int(start_ms // WINDOW_MS), int(-(-end_ms // WINDOW_MS))):
            if self._holds(window):
                inside = min(end_ms, (window + 1) * WINDOW_MS) - max(start_ms, window * WINDOW_MS)
                part = amount * inside / (end_ms - start_ms)
                self._counts[window % _SLOTS, what, column] += part

    def see_faces(self, column: int, at_ms: float, faces: int) -> None:
        """Note how many faces a camera showed at most in the window of a moment."""
        window = int(at_ms // WINDOW_MS)
        if self._holds(window):
            seen = self._faces[window % _SLOTS]
            seen[column] = max(seen[column], faces)

    def mark(self, what: Since, column: int, at_ms: float) -> None:
        """Note that something was at a moment; what comes late changes nothing newer."""
        self._last[what, column] = np.fmax(self._last[what, column], at_ms)

    def hold(self, what: Held, column: int, value: float, at_ms: float) -> None:
        """Note what holds from a moment on; what comes late changes nothing newer."""
        if at_ms >= self._stamps[what, column]:
            self._held[what, column] = value
            self._stamps[what, column] = at_ms

    def sums(self, spans: tuple[int, ...]) -> Numbers:
        """Return what was counted in spans of the last windows.

        Args:
            spans: how many windows each has, from short to long.

        Returns:
            Shape (spans, len(Count), learners).
        """
        starts = [spans[-1] - windows for windows in reversed(spans)]
        counted = self._counts[self._slots(spans[-1]), :, : self.size]
        parts = np.add.reduceat(counted, starts, axis=0)
        sums: Numbers = np.cumsum(parts[::-1], axis=0)
        return sums

    def inputs_by_window(self, windows: int) -> Numbers:
        """Return all inputs of each of the last windows: shape (windows, learners)."""
        kinds = self._counts[self._slots(windows), Count.KEYS : Count.REPORTED_MS, : self.size]
        inputs: Numbers = kinds.sum(axis=1)
        return inputs

    def most_faces(self, windows: int) -> Numbers:
        """Return the most faces in the last windows: shape (learners,)."""
        most: Numbers = self._faces[self._slots(windows), : self.size].max(axis=0)
        return most

    def advance(self, window: int) -> None:
        """Make a window the one that is closed next; the oldest ones make room."""
        first = max(self.next_window, window - _SLOTS) + AHEAD
        for entering in range(first, window + AHEAD):
            self._counts[entering % _SLOTS] = 0.0
            self._faces[entering % _SLOTS] = 0.0
        self.next_window = max(self.next_window, window)

    def forget(self, column: int) -> None:
        """Forget all that is known of a learner, and take the place for that of one who left."""
        self.clear(column, tuple(Count), tuple(Since))
        self._held[:, column] = np.nan
        self._held[Held.LEFT_MS, column] = 0.0

    def clear(self, column: int, counts: tuple[Count, ...], times: tuple[Since, ...]) -> None:
        """Forget what is known of a learner in some respects."""
        self._counts[:, list(counts), column] = 0.0
        self._last[list(times), column] = np.nan
        if Count.FRAMES in counts:
            self._faces[:, column] = 0.0

    def _holds(self, window: int) -> bool:
        return self.next_window - LOOK_BACK < window < self.next_window + AHEAD and window >= 0

    def _slots(self, windows: int) -> NDArray[np.int_]:
        newest = self.next_window
        return np.arange(newest - windows + 1, newest + 1) % _SLOTS


def _wider(array: Numbers, fill: float) -> Numbers:
    """Return an array with twice the columns."""
    return np.concatenate([array, np.full_like(array, fill)], axis=-1)
