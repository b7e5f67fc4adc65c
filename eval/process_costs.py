"""What a process and all those below it cost: processor time and memory."""

from __future__ import annotations

from contextlib import suppress

import psutil


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time of a process and of those below it that are alive, so far."""
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def memory_bytes(process: psutil.Process) -> int:
    """Return what a process and those below it hold; pages that several share count once (PSS)."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += one.memory_full_info().pss
    return total
