"""Windows on their way through one engine: queued, batched, answered, and the load they make."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from lessons.errors import InvalidInput, Overloaded, Unavailable
from lessons.identifiers import new_id
from models.captions.interface import CaptionEngine, CaptionWindow, Hypothesis, Urgency
from models.captions.window_checks import check_windows
from serving.captioning.batch_cost import CostModel
from serving.captioning.batch_counters import BatchCounters
from serving.captioning.caption_load import FINAL_BOUND_S, CaptionLoad, caption_load
from serving.captioning.engine_pair import EnginePair
from serving.captioning.ladder import Ladder, Rung
from serving.captioning.live_load import SPAN_S, CallTime, LoadMeter
from serving.captioning.window_queue import Call, Shape, Waiting, WindowQueue
from serving.captioning.window_timing import WindowTiming
from serving.captioning.wire import Outcome

MEASURE_EVERY_S = 1.0
RECORDING_RETRY_SECONDS = 5
"""When a recording that gave way to live lessons may ask again."""

_EngineCall: TypeAlias = asyncio.Future[list[Outcome]]


@dataclass(frozen=True, slots=True)
class _Running:
    """A call that runs, and how much of its time full calls would need."""

    call: Call
    started: float
    needed: float

    def until(self, now: float) -> CallTime:
        return CallTime(self.started, now, self.call.urgency, self.needed)


class WindowBatcher:
    """Gives one engine its windows, and a smaller one what the ladder has come down to.

    Nothing waits for a batch to fill: an idle engine starts at once, and what comes while it is
    busy makes the next batch (`serving.captioning.window_queue` says of which windows). A caller
    that gives up takes its window out of the queue. Use it from one event loop.

    Args:
        engine: the model.
        smaller: a faster model of the same engine, for when the first cannot keep up.
        final_bound_s: declared time from the end of an utterance to its final, in seconds.
        executor: runs the engine's calls; none: threads of its own.
    """

    def __init__(
        self,
        engine: CaptionEngine,
        smaller: CaptionEngine | None = None,
        *,
        final_bound_s: float = FINAL_BOUND_S,
        executor: Executor | None = None,
    ) -> None:
        self.counters = BatchCounters()
        self._name = new_id("rep")
        self._engines = EnginePair(engine, smaller)
        self._capabilities = engine.capabilities
        self._bound_s = final_bound_s
        places = self._capabilities.most_calls
        self._full_call = self._capabilities.most_windows_in_call
        self._threads = executor or ThreadPoolExecutor(places, thread_name_prefix="caption-engine")
        self._costs = CostModel()
        shape = Shape(places, self._full_call, final_bound_s)
        self._ladder = Ladder(smaller_model=smaller is not None)
        self._queue = WindowQueue(
            shape, self._costs, lambda window: self._engines.model_for(window, self._ladder.rung)
        )
        self._turns: dict[int, asyncio.Future[tuple[_EngineCall, int]]] = {}
        self._running: dict[_EngineCall, _Running] = {}
        self._meter = LoadMeter(places)
        self._ticking: asyncio.TimerHandle | None = None
        self._active_at = 0.0
        self._closing = False

    async def transcribe(
        self, window: CaptionWindow, timing: WindowTiming | None = None
    ) -> Hypothesis:
        """Transcribe one window, in a batch with whatever else is waiting.

        Args:
            window: what to transcribe.
            timing: where to note how long that took; None where nobody asks.

        Raises:
            InvalidInput: the engine cannot take this window; others of its batch are unharmed.
            Unavailable: the engine lost what it needs, or a newer window has replaced this partial.
            Overloaded: a partial has waited too long, or live lessons need the engine more than
                this recording. Never for a final of a live lesson.
        """
        check_windows([window], self._capabilities)
        loop = asyncio.get_running_loop()
        waiting = self._queue.add(window, loop.time())
        turn: asyncio.Future[tuple[_EngineCall, int]] = loop.create_future()
        self._turns[waiting.number] = turn
        self._drop_replaced(waiting)
        self._go_on()
        try:
            call, place = await turn
        finally:
            self._queue.remove(waiting)
            del self._turns[waiting.number]
        with (timing or WindowTiming()).working(self._windows_of(call)):
            outcome = (await asyncio.shield(call))[place]
        if isinstance(outcome, Hypothesis):
            return outcome
        raise outcome

    def load(self) -> CaptionLoad:
        """How loaded the engine is with live lessons, as measured now."""
        now = asyncio.get_running_loop().time()
        load = self._meter.measure(
            now,
            [running.until(now) for running in self._running.values()],
            [self._delay(one, now) for one in self._unanswered_finals()],
        )
        rung = self._ladder.observe(now, load)
        return caption_load(rung, load, final_bound_s=self._bound_s, replica=self._name)

    async def close(self) -> None:
        """Refuse what waits, let the running calls end, and free the engines."""
        self._closing = True
        if self._ticking is not None:
            self._ticking.cancel()
        for turn in self._turns.values():
            turn.cancel()
        await asyncio.sleep(0)
        if self._running:
            await asyncio.wait(self._running)
        self._threads.shutdown()
        self._engines.close()

    def _go_on(self) -> None:
        """Measure, let go of what has waited too long, and start every call that may start."""
        loop = asyncio.get_running_loop()
        self._active_at = loop.time()
        if self._ticking is None:
            self._ticking = loop.call_later(MEASURE_EVERY_S, self._tick)
        self._step()

    def _step(self) -> None:
        loop = asyncio.get_running_loop()
        self.load()
        self._drop_overdue(loop.time())
        while call := self._next_call(loop.time()):
            self._start(call)

    def _tick(self) -> None:
        """Measure again, until all is quiet: what has become calm must not stay refused."""
        loop = asyncio.get_running_loop()
        self._ticking = None
        self._step()
        quiet = not self._running and loop.time() - self._active_at > SPAN_S
        if not quiet or self._ladder.rung is not Rung.FULL:
            self._ticking = loop.call_later(MEASURE_EVERY_S, self._tick)

    def _next_call(self, now: float) -> Call | None:
        return self._queue.next_call(now, [one.call.urgency for one in self._running.values()])

    def _start(self, call: Call) -> None:
        loop = asyncio.get_running_loop()
        engine = self._engines.named(call.kind.model)
        windows = [waiting.window for waiting in call.windows]
        self.counters.add(len(windows), smaller=engine is self._engines.smaller)
        running = _Running(call, loop.time(), self._needed(call))
        future = loop.run_in_executor(self._threads, _outcomes, engine, windows)
        self._running[future] = running
        future.add_done_callback(self._end)
        for place, waiting in enumerate(call.windows):
            turn = self._turns.get(waiting.number)
            if turn is not None and not turn.done():
                turn.set_result((future, place))

    def _end(self, future: _EngineCall) -> None:
        now = asyncio.get_running_loop().time()
        running = self._running.pop(future)
        call = running.call
        self._meter.call_ended(running.until(now))
        if not future.cancelled() and all(isinstance(one, Hypothesis) for one in future.result()):
            self._costs.observe(
                call.kind.model,
                final=call.kind.final,
                audio_s=call.audio_s,
                cost_s=now - running.started,
            )
        if call.urgency is Urgency.FINAL:
            for waiting in call.windows:
                self._meter.final_answered(now, self._delay(waiting, now))
                self.counters.finals_late += now > waiting.due
        if not self._closing:
            self._go_on()

    def _windows_of(self, future: _EngineCall) -> int:
        """How many windows an engine call has; 1 where it has ended already."""
        running = self._running.get(future)
        return len(running.call.windows) if running is not None else 1

    def _needed(self, call: Call) -> float:
        """Share of a call's time that its windows would need in full calls."""
        cost = self._costs.of(call.kind.model, final=call.kind.final)
        predicted = cost.predict(call.audio_s)
        spare = 1 - len(call.windows) / self._full_call
        return 1 - cost.fixed * spare / predicted if predicted > 0 else 1.0

    def _delay(self, final: Waiting, now: float) -> float:
        """How long a final has taken, as a share of the bound; past it if it came late already."""
        late_already = 1.0 if final.due <= final.arrived else 0.0
        return late_already + (now - final.arrived) / self._bound_s

    def _unanswered_finals(self) -> list[Waiting]:
        running = [
            waiting
            for one in self._running.values()
            if one.call.urgency is Urgency.FINAL
            for waiting in one.call.windows
        ]
        return running + self._queue.finals()

    def _drop_replaced(self, newer: Waiting) -> None:
        for waiting in self._queue.take_replaced(newer):
            self.counters.partials_replaced += 1
            self._refuse(waiting, Unavailable("A newer window of the track has come."))

    def _drop_overdue(self, now: float) -> None:
        dropped = self._queue.take_overdue(now)
        if self._ladder.rung is not Rung.FULL:
            dropped += self._queue.take_recordings()
        for waiting in dropped:
            if waiting.urgency is Urgency.RECORDING:
                self.counters.recordings_deferred += 1
                reason = "Live lessons need the captioner; the recording goes on afterwards."
            else:
                self.counters.partials_expired += 1
                reason = "The partial waited too long to be of use."
            self._refuse(waiting, Overloaded(reason, retry_after_seconds=RECORDING_RETRY_SECONDS))

    def _refuse(self, waiting: Waiting, error: Unavailable) -> None:
        turn = self._turns.get(waiting.number)
        if turn is not None and not turn.done():
            turn.set_exception(error)


def _outcomes(engine: CaptionEngine, windows: Sequence[CaptionWindow]) -> list[Outcome]:
    """Transcribe a batch; where it is refused, each window alone, so that only one suffers."""
    try:
        return list(engine.transcribe(windows))
    except (InvalidInput, Unavailable) as error:
        if len(windows) == 1:
            return [error]
    return [outcome for window in windows for outcome in _outcomes(engine, [window])]
