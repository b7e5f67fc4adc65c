"""The lesson clock: milliseconds since the lesson began, the one time base of a lesson."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from lessons.errors import InvalidInput


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LessonClock:
    """Reads the lesson clock of one lesson.

    The wall clock is read once, to agree with other machines on when the lesson began; from then
    on a monotonic clock counts, so that a corrected wall clock never moves a lesson's media.

    Args:
        started_at: when the lesson began, with its time zone.
        now: the wall clock.
        monotonic: seconds from a clock that never goes back.

    Raises:
        InvalidInput: `started_at` has no time zone.
    """

    def __init__(
        self,
        started_at: datetime,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if started_at.tzinfo is None:
            raise InvalidInput("A lesson's start needs a time zone.", field="started_at")
        self._monotonic = monotonic
        self._origin_seconds = monotonic() - (now() - started_at).total_seconds()

    def now_ms(self) -> float:
        """Milliseconds since the lesson began, never below zero and never going back."""
        return max(0.0, 1000 * (self._monotonic() - self._origin_seconds))
