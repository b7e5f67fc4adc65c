"""When a target for captions counts as missed, and when as met again, on the lesson clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from lessons.accessibility.histogram import quantile

PATIENCE_MS = 30_000
"""How long a target must be missed for an alarm, and not be missed for its end."""

WINDOW_MS = 15_000
"""What was measured longer ago than this says nothing about now. It is shorter than the patience,
so a single late caption is no alarm."""

SHARE = 0.95
"""Targets are for 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Change:
    """The target began to count as missed, or as met again.

    Attributes:
        measured_ms: the 95th percentile that is too late; of a target met again, the one now.
        since_ms: when it began to be missed, in both cases.
        until_ms: when it was last missed, of a target that is met again.
        reason: `no_captions` where speech waits for its captions and none come.
    """

    kind: Literal["missed", "met"]
    measured_ms: int
    since_ms: int
    until_ms: int
    reason: Literal["late", "no_captions"]


class TargetWatch:
    """Watches one target of one track. All times are milliseconds on the lesson clock and grow.

    Args:
        target_ms: what 95 of 100 latencies may be at most.
    """

    def __init__(self, target_ms: int) -> None:
        self.target_ms = target_ms
        self._measured: deque[tuple[float, float]] = deque()
        self._bad_since_ms: float | None = None
        self._last_bad_ms = 0.0
        self._missed_since_ms: float | None = None

    @property
    def missed(self) -> bool:
        """Whether an alarm is on."""
        return self._missed_since_ms is not None

    def measure(self, at_ms: float, latency_ms: float) -> None:
        """Take one latency that was measured now."""
        self._measured.append((at_ms, latency_ms))

    def judge(self, now_ms: float, waiting_since_ms: float | None = None) -> Change | None:
        """Return what has changed by now; ask at least once a second.

        Args:
            waiting_since_ms: end of the oldest speech that has no captions yet.
        """
        while self._measured and self._measured[0][0] <= now_ms - WINDOW_MS:
            self._measured.popleft()
        waited = 0.0 if waiting_since_ms is None else now_ms - waiting_since_ms
        late = quantile([latency for _, latency in self._measured], SHARE)
        if waited > self.target_ms:
            return self._bad(now_ms, now_ms - waited + self.target_ms, waited, "no_captions")
        if late is not None and late > self.target_ms:
            return self._bad(now_ms, now_ms, late, "late")
        return self._good(now_ms, late)

    def _bad(
        self,
        now_ms: float,
        since_ms: float,
        measured_ms: float,
        reason: Literal["late", "no_captions"],
    ) -> Change | None:
        if self._bad_since_ms is None:
            self._bad_since_ms = since_ms
        self._last_bad_ms = now_ms
        if self.missed or now_ms - self._bad_since_ms < PATIENCE_MS:
            return None
        self._missed_since_ms = self._bad_since_ms
        return self._change("missed", measured_ms, self._missed_since_ms, reason)

    def _good(self, now_ms: float, late: float | None) -> Change | None:
        """Without speech nothing is missed, but nothing shows either that it would be met."""
        self._bad_since_ms = None
        since_ms = self._missed_since_ms
        if since_ms is None or late is None or now_ms - self._last_bad_ms < PATIENCE_MS:
            return None
        self._missed_since_ms = None
        return self._change("met", late, since_ms, "late")

    def _change(
        self,
        kind: Literal["missed", "met"],
        measured_ms: float,
        since_ms: float,
        reason: Literal["late", "no_captions"],
    ) -> Change:
        until_ms = round(self._last_bad_ms)
        return Change(kind, round(measured_ms), round(since_ms), until_ms, reason)
