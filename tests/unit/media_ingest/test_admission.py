from __future__ import annotations

import asyncio
import time

from media_ingest.admission import LoadMeter


async def measured(block_seconds: float, pause_seconds: float) -> float:
    """Load of a process that blocks its loop again and again for two seconds."""
    meter = LoadMeter()
    measuring = asyncio.create_task(meter.run())
    until = time.monotonic() + 2
    while time.monotonic() < until:
        busy_until = time.monotonic() + block_seconds
        while time.monotonic() < busy_until:
            pass
        await asyncio.sleep(pause_seconds)
    measuring.cancel()
    return meter.load


async def test_work_counts_as_load() -> None:
    idle, busy = await measured(0, 0.05), await measured(0.4, 0.01)
    assert idle < busy
    assert busy > 0.2


def test_a_process_that_has_just_started_is_not_loaded() -> None:
    assert LoadMeter().load == 0
