"""Windows that wait for one engine: finals first, batched across lessons and tracks."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias

from lessons.errors import InvalidInput, Unavailable
from models.captions.interface import CaptionEngine, CaptionWindow, Hypothesis
from models.captions.window_checks import check_windows
from serving.captioning.window_timing import WindowTiming
from serving.captioning.wire import Outcome

_EngineCall: TypeAlias = asyncio.Future[list[Outcome]]


@dataclass(order=True, slots=True)
class _Waiting:
    """One window in the queue: finals sort before partials, older before newer.

    `turn` gets the engine call that the window became part of, and its place in it.
    """

    is_partial: bool
    number: int
    window: CaptionWindow = field(compare=False)
    turn: asyncio.Future[tuple[_EngineCall, int]] = field(compare=False)


@dataclass(slots=True)
class BatchCounters:
    """How well the windows were batched so far.

    Attributes:
        windows: windows that reached the engine.
        calls: calls of the engine that they took.
        largest: most windows in one call.
    """

    windows: int = 0
    calls: int = 0
    largest: int = 0

    def add(self, windows: int) -> None:
        """Count one call of the engine."""
        self.windows += windows
        self.calls += 1
        self.largest = max(self.largest, windows)


class WindowBatcher:
    """Gives one engine its windows, as many in a call as it works on at the same time.

    Nothing waits for a batch to fill: an idle engine starts at once, and what comes while it is
    busy makes the next batch. An engine that takes concurrent calls is never idle in part: what
    comes fills the places that are free, but partials leave one of them to finals. A caller that
    gives up takes its window out of the queue. Use it from one event loop.

    Args:
        engine: the model.
    """

    def __init__(self, engine: CaptionEngine) -> None:
        self.counters = BatchCounters()
        self._engine = engine
        self._queue: list[_Waiting] = []
        self._numbers = itertools.count()
        self._places = engine.capabilities.parallel_windows
        self._threads = ThreadPoolExecutor(
            self._places if engine.capabilities.concurrent_calls else 1,
            thread_name_prefix="caption-engine",
        )
        self._running: dict[_EngineCall, list[_Waiting]] = {}

    async def transcribe(
        self, window: CaptionWindow, timing: WindowTiming | None = None
    ) -> Hypothesis:
        """Transcribe one window, in a batch with whatever else is waiting.

        Args:
            window: what to transcribe.
            timing: where to note how long that took; None where nobody asks.

        Raises:
            InvalidInput: the engine cannot take this window; others of its batch are unharmed.
            Unavailable: the engine lost what it needs.
        """
        check_windows([window], self._engine.capabilities)
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, _Waiting(not window.final, next(self._numbers), window, turn))
        self._start_calls()
        call, place = await turn
        with (timing or WindowTiming()).working(max(1, len(self._running.get(call, ())))):
            outcome = (await asyncio.shield(call))[place]
        if isinstance(outcome, Hypothesis):
            return outcome
        raise outcome

    async def close(self) -> None:
        """Refuse what waits, let the running calls end, and free the engine."""
        for waiting in self._queue:
            waiting.turn.cancel()
        self._queue.clear()
        if self._running:
            await asyncio.wait(self._running)
        self._threads.shutdown()
        self._engine.close()

    def _start_calls(self) -> None:
        loop = asyncio.get_running_loop()
        while batch := self._next_batch():
            windows = [waiting.window for waiting in batch]
            self.counters.add(len(windows))
            call = loop.run_in_executor(self._threads, self._outcomes, windows)
            self._running[call] = batch
            call.add_done_callback(self._end_call)
            for place, waiting in enumerate(batch):
                waiting.turn.set_result((call, place))

    def _end_call(self, call: _EngineCall) -> None:
        del self._running[call]
        self._start_calls()

    def _next_batch(self) -> list[_Waiting]:
        """Take what the free places allow out of the queue, finals first."""
        taken = [waiting for batch in self._running.values() for waiting in batch]
        if taken and not self._engine.capabilities.concurrent_calls:
            return []
        partials = sum(waiting.is_partial for waiting in taken)
        batch: list[_Waiting] = []
        while self._queue and len(taken) + len(batch) < self._places:
            if self._queue[0].turn.done():
                heapq.heappop(self._queue)
            elif self._queue[0].is_partial and partials >= self._places_for_partials:
                break
            else:
                batch.append(heapq.heappop(self._queue))
                partials += batch[-1].is_partial
        return batch

    @property
    def _places_for_partials(self) -> int:
        """A final that comes meets a free decoder; in one batched call it would only wait less."""
        reserved = 1 if self._engine.capabilities.concurrent_calls else 0
        return max(1, self._places - reserved)

    def _outcomes(self, windows: Sequence[CaptionWindow]) -> list[Outcome]:
        """Transcribe a batch; where it is refused, each window alone, so that only one suffers."""
        try:
            return list(self._engine.transcribe(windows))
        except (InvalidInput, Unavailable) as error:
            if len(windows) == 1:
                return [error]
        return [outcome for window in windows for outcome in self._outcomes([window])]
