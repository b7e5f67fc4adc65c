"""Participation as a profile of four, each with an interval: no total, so nothing orders learners.

Each is a share of occasions: minutes in which something could be contributed, things that were
asked, minutes of a task, spells of being stuck. Intervals are Wilson's (1927) score intervals of
90 %, so they are wide where little was seen; with too few occasions there is no estimate at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from features.engagement import LearnerWindow
from lessons.lesson_context import LessonContext
from models.engagement.states import STRUGGLING_PRODUCTIVELY, STUCK

Z = 1.645
"""Standard deviations of a 90 % interval."""

FEWEST_OCCASIONS = 3
MINUTE_MS = 60_000
ANSWER_WITHIN_S = 60.0
"""A poll that waits for longer counts as left unanswered."""

_IN_STRUGGLE = frozenset({STUCK, STRUGGLING_PRODUCTIVELY})


@dataclass(frozen=True, slots=True)
class Share:
    """A share in 0..1 with its 90 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Profile:
    """In which ways somebody took part; None where too little was seen.

    Attributes:
        contribution: of the minutes outside of breaks, those with something said, written or drawn
            into the lesson.
        responsiveness: of the polls, those answered within a minute.
        practice: of the minutes of a task, those with work on it.
        help_seeking: of the spells of struggle, those in which help was asked for.
    """

    contribution: Share | None
    responsiveness: Share | None
    practice: Share | None
    help_seeking: Share | None


def share_of(taken: int, occasions: int) -> Share | None:
    """Return the share of occasions that were taken; None where they were too few."""
    if occasions < FEWEST_OCCASIONS:
        return None
    share, spread = taken / occasions, Z**2 / occasions
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / occasions + spread / occasions / 4)
    return Share(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))


@dataclass(slots=True)
class _Occasions:
    """Occasions that are over, and the one that is going on."""

    over: int = 0
    taken: int = 0
    open: bool = False
    open_taken: bool = False

    def go_on(self, *, taken: bool) -> None:
        self.open = True
        self.open_taken = self.open_taken or taken

    def end(self) -> None:
        if self.open:
            self.over += 1
            self.taken += self.open_taken
        self.open = self.open_taken = False

    def share(self) -> Share | None:
        return share_of(self.taken, self.over)


@dataclass(slots=True)
class ProfileKeeper:
    """Counts one learner's occasions, window by window."""

    _minute: int = -1
    _latency_s: float | None = None
    _overdue: bool = False
    _contribution: _Occasions = field(default_factory=_Occasions)
    _responsiveness: _Occasions = field(default_factory=_Occasions)
    _practice: _Occasions = field(default_factory=_Occasions)
    _help: _Occasions = field(default_factory=_Occasions)

    def take(self, window: LearnerWindow, state: str | None = None) -> None:
        """Count a window; `state` as it was judged, None where it was not."""
        minute = window.start_ms // MINUTE_MS
        if minute != self._minute:
            self._contribution.end()
            self._practice.end()
            self._minute = minute
        if window.context is not LessonContext.BREAK and window.value("connected") == 1.0:
            self._contribution.go_on(taken=_contributed(window))
        if _has_task(window):
            self._practice.go_on(taken=_worked(window))
        self._take_poll(window)
        self._take_struggle(window, state)

    def profile(self) -> Profile:
        """Return what has been seen so far; the minute that is going on is left out."""
        return Profile(
            self._contribution.share(),
            self._responsiveness.share(),
            self._practice.share(),
            self._help.share(),
        )

    def _take_poll(self, window: LearnerWindow) -> None:
        """Count a poll once: by its answer, or when it has waited for a minute or was closed."""
        pending_s, latency_s = window.value("poll_pending_s"), window.value("poll_latency_s")
        answered, self._latency_s = latency_s != self._latency_s, latency_s
        if pending_s is None:
            return
        if self._responsiveness.open and answered:
            self._responsiveness.go_on(taken=True)
        if pending_s == 0.0:
            self._responsiveness.end()
            self._overdue = False
        elif not self._overdue:
            self._responsiveness.go_on(taken=False)
            if pending_s > ANSWER_WITHIN_S:
                self._responsiveness.end()
                self._overdue = True

    def _take_struggle(self, window: LearnerWindow, state: str | None) -> None:
        if state in _IN_STRUGGLE:
            self._help.go_on(taken=_asked_for_help(window))
        elif state is not None:
            self._help.end()


def _contributed(window: LearnerWindow) -> bool:
    spoke = (window.value("talk_5s") or 0.0) > 0.0
    return spoke or any(
        _within(window, name) for name in ("since_chat_s", "since_board_s", "since_answer_s")
    )


def _worked(window: LearnerWindow) -> bool:
    busy = any((window.value(name) or 0.0) > 0.0 for name in ("keys_5s", "hand_motion_5s"))
    return busy or any(
        _within(window, name) for name in ("since_answer_s", "since_board_s", "since_input_s")
    )


def _has_task(window: LearnerWindow) -> bool:
    if window.context is LessonContext.INDIVIDUAL_WORK:
        return window.value("input_5s") is not None
    return (window.value("task_open_s") or 0.0) > 0.0


def _asked_for_help(window: LearnerWindow) -> bool:
    names = ("hand_up", "help_written_300s", "help_spoken_300s", "questions_written_300s")
    return any((window.value(name) or 0.0) > 0.0 for name in names)


def _within(window: LearnerWindow, name: str) -> bool:
    """Tell whether something was within this window; times since the learner came do not count."""
    since_s, joined_s = window.value(name), window.value("since_joined_s")
    if since_s is None:
        return False
    length_s = (window.end_ms - window.start_ms) / 1000
    return since_s < length_s and (joined_s is None or since_s < joined_s)
