"""How busy this process is, as the number that admission goes by."""

from __future__ import annotations

import asyncio
import time

MEASURE_INTERVAL_SECONDS = 0.5
SMOOTHING = 0.15
"""Weight of the newest measurement: a burst counts after about 3 s, a single hiccup does not."""
FULL_LAG_SECONDS = 0.25
"""Delay of the event loop that counts as full load; audio comes every 20 ms."""
LIVE_LESSONS_RESERVE = 0.15
"""Load past the admission limit that is kept for more peers of lessons that are live already."""


class LoadMeter:
    """Measures the processor time and the event-loop delay of this process.

    `load` is 0..1, above 1 where it is past its limits: the larger of the processor time used per
    second (of one core: there is one process a core) and the delay against `FULL_LAG_SECONDS`.
    """

    def __init__(self) -> None:
        self._processor = 0.0
        self._lag = 0.0

    @property
    def load(self) -> float:
        """The smoothed load."""
        return max(self._processor, self._lag)

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            started, processor_started = time.monotonic(), time.process_time()
            await asyncio.sleep(MEASURE_INTERVAL_SECONDS)
            elapsed = time.monotonic() - started
            used = (time.process_time() - processor_started) / elapsed
            lag = (elapsed - MEASURE_INTERVAL_SECONDS) / FULL_LAG_SECONDS
            self._processor += SMOOTHING * (used - self._processor)
            self._lag += SMOOTHING * (lag - self._lag)
