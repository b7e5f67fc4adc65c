"""An event loop whose clock jumps to the next timer, so that hours of waiting take no time.

Only what runs in the loop itself is virtual: a thread or a socket would be overtaken.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: what the loop would have waited for a timer is added to its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or not timeout:
            if timeout is None and not ready:
                raise RuntimeError("the loop waits for something outside of its virtual time")
            return ready
        self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time, in seconds from 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """The virtual clock."""
        return self._jumping.now


def run_virtually(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


class VirtualExecutor(Executor):
    """Calls that take virtual time, side by side as far as there are workers.

    Args:
        cost_s: how long a call takes, from its arguments.
        workers: calls that run at the same time; a further one is a fault of whoever submits it.
    """

    def __init__(self, cost_s: Callable[..., float], workers: int) -> None:
        self._cost_s = cost_s
        self._workers = workers
        self._running = 0

    def submit(self, work: Callable[..., _Result], /, *args: Any, **named: Any) -> Future[_Result]:
        assert self._running < self._workers, "the engine was given more calls than it takes"
        self._running += 1
        future: Future[_Result] = Future()
        loop = asyncio.get_running_loop()
        loop.call_later(self._cost_s(*args), self._finish, future, work, args, named)
        return future

    def _finish(
        self,
        future: Future[_Result],
        work: Callable[..., _Result],
        args: tuple[Any, ...],
        named: Mapping[str, Any],
    ) -> None:
        self._running -= 1
        future.set_result(work(*args, **named))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """There are no threads."""
