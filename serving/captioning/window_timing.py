"""How long one window waited for the engine and how long the engine took, as its replica saw it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class WindowTiming:
    """Filled in by the batcher while a window goes through it; travels back beside the outcome.

    Attributes:
        replica: which replica worked on it.
        queued_at: Unix time in seconds at which the window came.
        queue_seconds: until the engine took it.
        engine_seconds: of the engine's call; 0 where the window never got there.
        batch_windows: windows in that call, this one included.
    """

    replica: str = ""
    queued_at: float = field(default_factory=time.time)
    queue_seconds: float = 0.0
    engine_seconds: float = 0.0
    batch_windows: int = 0
    _queued: float = field(default_factory=time.perf_counter)

    @contextmanager
    def working(self, batch_windows: int) -> Iterator[None]:
        """The engine has the window while the block runs."""
        started = time.perf_counter()
        self.queue_seconds = started - self._queued
        self.batch_windows = batch_windows
        try:
            yield
        finally:
            self.engine_seconds = time.perf_counter() - started
