"""What arrival times tell about a sender's clock: the least delay of late, and a clock that stood.

Both look at an arrival's offset: when it came minus what its timestamp says, in milliseconds.
"""

from __future__ import annotations

from collections import deque

WINDOW_MS = 10_000
"""Arrivals that count. Longer than a burst of jitter, short against drift: 200 ppm move the offset
by 2 ms in this time."""

BUCKET_MS = 500
"""Of arrivals this close together only the earliest is kept."""

LATE_MS = 500
"""A packet this late was held up somewhere, or its sender's clock stood still for a while."""

PROOF_MS = 400
"""Packets that stay late for so long were not held up: their backlog would have drained."""

DRAINED_MS = 100
"""A backlog that shrinks by this much is draining; less is jitter."""

LONG_PAUSE_MS = 5_000
"""A packet this late was never held up: ICE would have given up its path."""


class EarliestArrivals:
    """The least offset of the last ten seconds: that of a packet which did not have to wait."""

    def __init__(self) -> None:
        self._buckets: deque[tuple[float, float]] = deque()

    def clear(self) -> None:
        """Forget all arrivals."""
        self._buckets.clear()

    def add(self, at_ms: float, offset_ms: float) -> None:
        """Note an arrival at a time that does not go back."""
        if self._buckets and at_ms - self._buckets[-1][0] < BUCKET_MS:
            begun_ms, least_ms = self._buckets[-1]
            self._buckets[-1] = (begun_ms, min(least_ms, offset_ms))
        else:
            self._buckets.append((at_ms, offset_ms))
        while at_ms - self._buckets[0][0] > WINDOW_MS:
            self._buckets.popleft()

    @property
    def offset_ms(self) -> float:
        """The least offset; there must have been an arrival."""
        return min(offset_ms for _, offset_ms in self._buckets)


class StoppedClock:
    """Tells a sender whose timestamps stood still while it was muted from packets held up.

    Both bring late packets. A backlog drains faster than real time; after a pause, packets stay
    as late as they are.
    """

    def __init__(self) -> None:
        self._since_ms: float | None = None
        self._first_offset_ms = 0.0
        self._least_offset_ms = 0.0

    def clear(self) -> None:
        """Forget what was late."""
        self._since_ms = None

    def offset_after(self, at_ms: float, offset_ms: float, late_ms: float) -> float | None:
        """The offset since the clock went on, once it is certain that it had stood; else None."""
        if late_ms <= LATE_MS:
            self._since_ms = None
            return None
        if self._since_ms is None or offset_ms < self._first_offset_ms - DRAINED_MS:
            self._since_ms = at_ms
            self._first_offset_ms = self._least_offset_ms = offset_ms
        self._least_offset_ms = min(self._least_offset_ms, offset_ms)
        certain = late_ms > LONG_PAUSE_MS or at_ms - self._since_ms >= PROOF_MS
        return self._least_offset_ms if certain else None
