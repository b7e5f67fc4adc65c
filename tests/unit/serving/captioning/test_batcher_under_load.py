"""The batcher in virtual time: what it drops, what it hands back, and what it says of its load."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence

import pytest

from eval.virtual_time import run_in_virtual_time
from lessons.errors import Overloaded, Unavailable
from models.captions.interface import CaptionEngine, CaptionWindow, Hypothesis
from serving.captioning.ladder import Rung
from serving.captioning.window_batcher import WindowBatcher
from tests.unit.serving.caption_engines import MeasuringEngine, caption_window
from tests.virtual_time import VirtualExecutor


class Costly:
    """An engine's calls in virtual time: so much for each second of audio, less for the small one.

    `taken` has for every call its start, its model and its windows.
    """

    def __init__(self, per_second: float = 1.0, *, places: int = 1, smaller: float = 0.1) -> None:
        self.main = MeasuringEngine(4 if places == 1 else places, concurrent_calls=places > 1)
        self.smaller = MeasuringEngine(4, model="pocket ruler")
        self.executor = VirtualExecutor(self._cost_s, places)
        self.taken: list[tuple[float, str, list[str]]] = []
        self.per_second = per_second
        self._smaller = smaller

    def _cost_s(self, engine: CaptionEngine, windows: Sequence[CaptionWindow]) -> float:
        now = asyncio.get_running_loop().time()
        model = engine.capabilities.model
        self.taken.append((now, model, [window.id for window in windows]))
        share = self._smaller if engine is self.smaller else 1.0
        audio_s = sum(len(window.samples) for window in windows) / 16_000
        return self.per_second * share * audio_s


def _send(batcher: WindowBatcher, *windows: CaptionWindow) -> list[asyncio.Task[Hypothesis]]:
    return [asyncio.create_task(batcher.transcribe(window)) for window in windows]


async def _talk(batcher: WindowBatcher, tracks: int, seconds: float) -> list[Hypothesis]:
    """Every track says a second of speech, over and over, as finals."""
    asked: list[asyncio.Task[Hypothesis]] = []
    for second in range(int(seconds)):
        windows = [caption_window(f"{track}/{second}") for track in range(tracks)]
        asked += _send(batcher, *windows)
        await asyncio.sleep(1)
    return await asyncio.gather(*asked)


def test_an_expired_partial_is_dropped_and_counted_and_a_late_final_is_not() -> None:
    async def run() -> None:
        costly = Costly(per_second=5.0)
        batcher = WindowBatcher(costly.main, final_bound_s=3.0, executor=costly.executor)
        first, partial, final = _send(
            batcher,
            caption_window("first"),
            caption_window("partial", final=False),
            caption_window("final", due_in_ms=100),
        )
        assert (await final).window_id == "final"
        assert (await first).window_id == "first"
        with pytest.raises(Overloaded, match="too long"):
            await partial
        assert batcher.counters.partials_expired == 1
        assert batcher.counters.finals_late == 2
        await batcher.close()

    run_in_virtual_time(run())


def test_a_partial_that_its_track_has_replaced_is_dropped_and_counted() -> None:
    async def run() -> None:
        costly = Costly()
        batcher = WindowBatcher(costly.main, executor=costly.executor)
        first, old, newer = _send(
            batcher,
            caption_window("first"),
            caption_window("old", final=False, track="t"),
            caption_window("newer", final=False, track="t"),
        )
        with pytest.raises(Unavailable, match="newer"):
            await old
        assert [(await one).window_id for one in (first, newer)] == ["first", "newer"]
        assert batcher.counters.partials_replaced == 1

    run_in_virtual_time(run())


def test_a_recording_fills_what_is_idle_and_gives_way_when_live_lessons_need_it() -> None:
    async def run() -> None:
        costly = Costly(per_second=0.5)
        batcher = WindowBatcher(costly.main, final_bound_s=4.0, executor=costly.executor)
        (idle,) = _send(batcher, caption_window("r0", live=False))
        assert (await idle).window_id == "r0"
        talking = asyncio.create_task(_talk(batcher, tracks=2, seconds=12))
        await asyncio.sleep(11)
        assert batcher.load().on > Rung.FULL
        (refused,) = _send(batcher, caption_window("r1", live=False))
        with pytest.raises(Overloaded, match="Live lessons") as refusal:
            await refused
        assert refusal.value.retry_after_seconds > 0
        assert len(await talking) == 24
        assert batcher.counters.recordings_deferred == 1
        await asyncio.sleep(60)
        (again,) = _send(batcher, caption_window("r1", live=False))
        assert (await again).window_id == "r1"

    run_in_virtual_time(run())


def test_what_recordings_take_is_no_load_of_live_lessons() -> None:
    async def run() -> None:
        costly = Costly(per_second=1.0)
        batcher = WindowBatcher(costly.main, executor=costly.executor)
        windows = [caption_window(f"r{number}", live=False) for number in range(12)]
        sent = _send(batcher, *windows)
        await asyncio.sleep(8)
        load = batcher.load()
        assert (load.on, load.busy, load.finals_delay) == (Rung.FULL, 0.0, 0.0)
        await asyncio.gather(*sent)

    run_in_virtual_time(run())


def test_a_model_that_decodes_together_is_not_full_while_its_calls_are_small() -> None:
    async def run() -> None:
        costly = Costly()
        costly.executor = VirtualExecutor(lambda *_: 0.2, 1)  # However many windows.
        batcher = WindowBatcher(costly.main, executor=costly.executor)
        for number in range(60):
            length = 0.5 + number % 3
            await batcher.transcribe(caption_window(str(number), seconds=length))
        load = batcher.load()
        assert load.busy < 0.35  # It ran all the time, with one window of four in each call.
        assert load.on is Rung.FULL

    run_in_virtual_time(run())


def test_the_smaller_model_makes_partials_first_and_finals_only_above() -> None:
    async def run() -> None:
        costly = Costly(per_second=0.46)
        batcher = WindowBatcher(costly.main, costly.smaller, executor=costly.executor)
        rungs: list[tuple[float, Rung]] = []
        partials: list[tuple[float, str]] = []

        async def watch() -> None:
            while True:
                rungs.append((asyncio.get_running_loop().time(), batcher.load().on))
                window = caption_window("p", seconds=0.1, final=False)
                try:
                    heard = await batcher.transcribe(window)
                    partials.append((asyncio.get_running_loop().time(), heard.model))
                except Overloaded:
                    pass
                await asyncio.sleep(0.2)

        watching = asyncio.create_task(watch())
        heard = await _talk(batcher, tracks=2, seconds=40)
        watching.cancel()
        assert len(heard) == 80
        assert list(dict.fromkeys(rung for _, rung in rungs)) == [
            Rung.FULL,
            Rung.SLOWER_PARTIALS,
            Rung.SMALLER_PARTIALS,
            Rung.SMALLER_FINALS,
        ]
        small_partial = next(at for at, model in partials if model == "pocket ruler")
        small_final = next(
            at for at, model, ids in costly.taken if model == "pocket ruler" and ids != ["p"]
        )
        assert _reached(rungs, Rung.SMALLER_PARTIALS) - 1 <= small_partial
        assert _reached(rungs, Rung.SMALLER_FINALS) - 1 <= small_final
        assert small_partial < small_final
        assert batcher.counters.smaller_windows > 0
        assert batcher.counters.finals_late == 0

    run_in_virtual_time(run())


def _reached(rungs: list[tuple[float, Rung]], rung: Rung) -> float:
    return next(at for at, one in rungs if one >= rung)


def test_a_language_that_the_smaller_model_does_not_know_stays_with_the_larger_one() -> None:
    async def run() -> None:
        costly = Costly(per_second=1.0)
        main = MeasuringEngine(4, languages=("en", "es"))
        batcher = WindowBatcher(main, costly.smaller, final_bound_s=4.0, executor=costly.executor)
        asked: list[asyncio.Task[Hypothesis]] = []
        for second in range(30):
            for language in ("en", "es"):
                window = caption_window(f"{second}", language=language)
                asked.append(asyncio.create_task(batcher.transcribe(window)))
            await asyncio.sleep(1)
        heard = await asyncio.gather(*asked)
        assert {one.model for one in heard[1::2]} == {"ruler"}
        assert heard[-2].model == "pocket ruler"

    run_in_virtual_time(run())


def test_calm_takes_everything_back_even_if_nobody_speaks() -> None:
    async def run() -> None:
        costly = Costly(per_second=2.0)
        batcher = WindowBatcher(costly.main, final_bound_s=2.0, executor=costly.executor)
        await _talk(batcher, tracks=1, seconds=20)
        assert batcher.load().on is Rung.REFUSING
        await asyncio.sleep(120)
        assert batcher.load().on is Rung.FULL
        await batcher.close()

    run_in_virtual_time(run())


@pytest.mark.parametrize("bad", ["before", "after"])
def test_closing_under_load_leaves_nothing_running(bad: str) -> None:
    async def run() -> None:
        costly = Costly()
        batcher = WindowBatcher(costly.main, costly.smaller, executor=costly.executor)
        sent = _send(batcher, caption_window("a"), caption_window("b", language=None))
        await asyncio.sleep(0 if bad == "before" else 0.5)
        await batcher.close()
        outcomes: Sequence[Hypothesis | BaseException] = await asyncio.gather(
            *sent, return_exceptions=True
        )
        assert all(isinstance(one, (Hypothesis, asyncio.CancelledError)) for one in outcomes)
        assert costly.main.closed
        assert costly.smaller.closed

    _assert_quiet(run())


def _assert_quiet(work: Coroutine[object, object, None]) -> None:
    """Run it; a timer that goes on for ever would keep the loop from ending."""
    run_in_virtual_time(asyncio.wait_for(work, 3600))
