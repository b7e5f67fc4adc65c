"""An event loop whose clock jumps to whatever is due next: hours of a lesson pass in seconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class _Clock:
    """Virtual seconds since the loop began."""

    now = 0.0


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: where nothing is ready, the clock is moved on by as much."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("the loop waits for something outside of its virtual time")
        if not ready and timeout:
            self._clock.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs timers in their order without waiting for them; not for work in threads or sockets."""

    def __init__(self) -> None:
        self._clock = _Clock()
        super().__init__(_JumpingSelector(self._clock))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._clock.now


def run_in_virtual_time(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run to the end on a loop of its own; `loop.time()` and every sleep are virtual."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)
