"""Puts a track's frames on the lesson clock by their RTP timestamps.

RTP timestamps (RFC 3550 section 5.1) count the sender's sampling clock: exact over a second, but
they start anywhere, wrap at 32 bits, drift against our clock, and may stand still while the sender
is muted. Arrival times are on our clock, but late by the network's mood. So a frame's place is its
timestamp plus an offset, and the offset follows the earliest arrivals of the last ten seconds.
"""

from __future__ import annotations

from media_ingest.arrivals import EarliestArrivals, StoppedClock
from media_ingest.counters import TrackCounters

RTP_TIMESTAMPS = 1 << 32
"""Timestamps are 32 bits wide."""

TIME_CONSTANT_MS = 5_000
"""The offset nears its target by this time constant: 50 ms of error correct 1 % of speed."""

MAX_SLEW_BACK = 0.15
"""Fastest correction towards earlier, as a fraction of real time. Meanwhile frames overlap by so
much of their length: 18 ms of Opus's longest, still distinct from audio that was sent twice."""

MAX_SLEW_FORWARD = 500e-6
"""Fastest correction towards later: above any clock's drift (quartz: 200 ppm at worst), but below
what a growing delay would ask for. aiortc's jitter buffer delays everything by up to 240 ms more
from its first lost packet on."""

FUTURE_MS = 2_000
"""A frame placed this far past its own arrival carries a timestamp of another time base."""

STALE_MS = 10_000
"""Timestamps may step back so far for a packet that is late; further is another time base."""

STALE_FRAMES = 5
"""So many frames in a row are never all late: their timestamps are of another time base."""


class TrackTimeline:
    """The placement of one track.

    A frame's true place is when its sound would have arrived over an idle network. Where packets
    wait up to j milliseconds longer than that, frames are placed from 5 ms before to j after it;
    where one packet in ten seconds does not wait, within 5 ms of it once half a minute has passed,
    at clock drifts up to 200 ppm. Starts never go back. After a pause of 0.5 to 5 s in which the
    sender's timestamps stood still, the first 0.4 s are placed before the pause.

    Args:
        sample_rate: samples a second of the frames that are placed.
        counters: takes stale frames and new time bases.
    """

    def __init__(self, sample_rate: int, counters: TrackCounters | None = None) -> None:
        self.counters = counters or TrackCounters()
        self._sample_rate = sample_rate
        self._rtp_time: int | None = None
        self._media_ms = 0.0
        self._offset_ms = 0.0
        self._start_ms = 0.0
        self._end_ms = 0.0
        self._stale_in_a_row = 0
        self._earliest = EarliestArrivals()
        self._stopped = StoppedClock()

    def place(
        self, rtp_time: int, clock_rate: int, samples_count: int, arrived_ms: float
    ) -> float | None:
        """Place the next frame.

        Args:
            rtp_time: its timestamp, wrapped at 32 bits or not.
            clock_rate: ticks of the timestamp a second.
            samples_count: its samples.
            arrived_ms: when it was received, in milliseconds on the lesson clock.

        Returns:
            Lesson-clock time of its first sample in milliseconds; None for a frame that comes
            after a later one was placed (a late packet or a duplicate) and is to be dropped.
        """
        duration_ms = 1000 * samples_count / self._sample_rate
        step_ms = self._step_ms(rtp_time, clock_rate)
        if step_ms is None:
            self.counters.stale_frames += 1
            return None
        self._rtp_time = rtp_time
        self._media_ms += step_ms
        self._follow(arrived_ms - duration_ms, step_ms)
        self._start_ms = max(self._media_ms + self._offset_ms, self._start_ms)
        self._end_ms = self._start_ms + duration_ms
        return self._start_ms

    def _step_ms(self, rtp_time: int, clock_rate: int) -> float | None:
        """Time from the last frame by the sender's clock; 0 in a new time base, None if stale."""
        if self._rtp_time is None:
            return 0.0
        step_ms = 1000 * _signed(rtp_time - self._rtp_time) / clock_rate
        if step_ms > 0:
            self._stale_in_a_row = 0
            return step_ms
        self._stale_in_a_row += 1
        if step_ms >= -STALE_MS and self._stale_in_a_row < STALE_FRAMES:
            return None
        self._stale_in_a_row = 0
        return 0.0

    def _follow(self, captured_ms: float, step_ms: float) -> None:
        """Move the offset towards what the arrivals say."""
        seen_ms = captured_ms - self._media_ms
        late_ms = seen_ms - self._offset_ms
        resumed_ms = self._stopped.offset_after(captured_ms, seen_ms, late_ms)
        if step_ms == 0 or late_ms < -FUTURE_MS:
            self._rebase(max(seen_ms, self._end_ms - self._media_ms))
        elif resumed_ms is not None:
            self._rebase(resumed_ms)
        self._earliest.add(captured_ms, seen_ms)
        error_ms = self._earliest.offset_ms - self._offset_ms
        move_ms = error_ms * min(1.0, step_ms / TIME_CONSTANT_MS)
        self._offset_ms += max(-MAX_SLEW_BACK * step_ms, min(move_ms, MAX_SLEW_FORWARD * step_ms))

    def _rebase(self, offset_ms: float) -> None:
        """Begin anew: what was known of the sender's clock no longer holds."""
        self.counters.timestamp_resets += self._end_ms > 0
        self._offset_ms = offset_ms
        self._earliest.clear()
        self._stopped.clear()


def _signed(ticks: int) -> int:
    """A difference of timestamps, taken the short way around their 32 bits."""
    return (ticks + RTP_TIMESTAMPS // 2) % RTP_TIMESTAMPS - RTP_TIMESTAMPS // 2
