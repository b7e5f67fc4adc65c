"""Calls that take virtual time, for a loop of `eval.virtual_time`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

_Result = TypeVar("_Result")


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
