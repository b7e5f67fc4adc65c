"""Windows in front of an engine: order, batches, refusals, and callers who give up."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.window_batcher import WindowBatcher
from tests.unit.serving.caption_engines import MeasuringEngine, caption_window


async def _busy(batcher: WindowBatcher, engine: MeasuringEngine) -> asyncio.Task[Hypothesis]:
    """Keep the engine busy with one window until its gate is opened."""
    engine.open_gate.clear()
    first = asyncio.create_task(batcher.transcribe(caption_window("first")))
    await asyncio.to_thread(engine.entered.wait)
    return first


def _send(batcher: WindowBatcher, *windows: CaptionWindow) -> list[asyncio.Task[Hypothesis]]:
    return [asyncio.create_task(batcher.transcribe(window)) for window in windows]


async def test_an_idle_engine_starts_at_once() -> None:
    engine = MeasuringEngine()
    heard = await WindowBatcher(engine).transcribe(caption_window("a", seconds=0.5))
    assert (heard.window_id, heard.text) == ("a", "500ms")
    assert engine.calls == [["a"]]


async def test_what_comes_while_the_engine_is_busy_goes_in_one_call() -> None:
    engine = MeasuringEngine(parallel_windows=4)
    batcher = WindowBatcher(engine)
    first = await _busy(batcher, engine)
    others = _send(batcher, *(caption_window(f"lesson{n}/track") for n in range(4)))
    await asyncio.sleep(0)
    engine.open_gate.set()
    await asyncio.gather(first, *others)
    assert engine.calls == [["first"], [f"lesson{n}/track" for n in range(4)]]


async def test_finals_go_before_partials_that_came_earlier() -> None:
    engine = MeasuringEngine(parallel_windows=1)
    batcher = WindowBatcher(engine)
    first = await _busy(batcher, engine)
    partials = _send(batcher, *(caption_window(f"p{n}", final=False) for n in range(2)))
    await asyncio.sleep(0)
    finals = _send(batcher, *(caption_window(f"f{n}") for n in range(2)))
    await asyncio.sleep(0)
    engine.open_gate.set()
    await asyncio.gather(first, *partials, *finals)
    assert engine.calls == [["first"], ["f0"], ["f1"], ["p0"], ["p1"]]


async def test_a_pool_of_decoders_takes_a_window_while_it_works_on_another() -> None:
    engine = MeasuringEngine(parallel_windows=2, concurrent_calls=True)
    batcher = WindowBatcher(engine)
    first = await _busy(batcher, engine)
    (second,) = _send(batcher, caption_window("second"))
    async with asyncio.timeout(5):
        while engine.calls != [["first"], ["second"]]:
            await asyncio.sleep(0.01)
    engine.open_gate.set()
    await asyncio.gather(first, second)


async def test_partials_leave_a_decoder_of_a_pool_to_finals() -> None:
    engine = MeasuringEngine(parallel_windows=2, concurrent_calls=True)
    batcher = WindowBatcher(engine)
    engine.open_gate.clear()
    partials = _send(batcher, *(caption_window(f"p{n}", final=False) for n in range(2)))
    await asyncio.to_thread(engine.entered.wait)
    (final,) = _send(batcher, caption_window("f"))
    async with asyncio.timeout(5):
        while len(engine.calls) < 2:
            await asyncio.sleep(0.01)
    assert engine.calls == [["p0"], ["f"]]
    engine.open_gate.set()
    await asyncio.gather(final, *partials)
    assert engine.calls == [["p0"], ["f"], ["p1"]]


async def test_a_refused_window_harms_no_other_of_its_batch() -> None:
    engine = MeasuringEngine(refuses="bad")
    batcher = WindowBatcher(engine)
    first = await _busy(batcher, engine)
    others = _send(batcher, caption_window("good"), caption_window("bad"), caption_window("fine"))
    await asyncio.sleep(0)
    engine.open_gate.set()
    await first
    good, bad, fine = await asyncio.gather(*others, return_exceptions=True)
    assert isinstance(bad, InvalidInput)
    assert isinstance(good, Hypothesis)
    assert isinstance(fine, Hypothesis)
    assert [good.window_id, fine.window_id] == ["good", "fine"]


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (CaptionWindow("nan", np.full(160, np.nan, dtype=np.float32)), "samples"),
        (CaptionWindow("stereo", np.zeros((2, 160), dtype=np.float32)), "samples"),
        (caption_window("long", seconds=31), "samples"),
        (caption_window("welsh", language="cy"), "language"),
    ],
)
async def test_a_bad_window_never_reaches_the_engine(window: CaptionWindow, field: str) -> None:
    engine = MeasuringEngine()
    with pytest.raises(InvalidInput) as refusal:
        await WindowBatcher(engine).transcribe(window)
    assert field in (refusal.value.field or "")
    assert engine.calls == []


async def test_a_caller_that_gives_up_takes_its_window_out_of_the_queue() -> None:
    engine = MeasuringEngine()
    batcher = WindowBatcher(engine)
    first = await _busy(batcher, engine)
    gone, stays = _send(batcher, caption_window("gone"), caption_window("stays"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    engine.open_gate.set()
    await asyncio.gather(first, stays)
    assert engine.calls == [["first"], ["stays"]]


async def test_a_caller_that_gives_up_in_mid_call_harms_no_other() -> None:
    engine = MeasuringEngine()
    batcher = WindowBatcher(engine)
    first = await _busy(batcher, engine)
    first.cancel()
    other = asyncio.create_task(batcher.transcribe(caption_window("other")))
    await asyncio.sleep(0)
    engine.open_gate.set()
    assert (await other).window_id == "other"


async def test_closing_refuses_what_waits_and_frees_the_engine() -> None:
    engine = MeasuringEngine()
    batcher = WindowBatcher(engine)
    first = await _busy(batcher, engine)
    (waiting,) = _send(batcher, caption_window("waiting"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(batcher.close())
    await asyncio.sleep(0)
    engine.open_gate.set()
    await closing
    assert (await first).window_id == "first"
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert engine.closed


@given(
    kinds=st.lists(st.booleans(), min_size=1, max_size=30),
    parallel_windows=st.integers(min_value=1, max_value=7),
)
def test_every_window_is_transcribed_once_and_finals_never_wait_behind_partials(
    kinds: list[bool], parallel_windows: int
) -> None:
    engine = MeasuringEngine(parallel_windows)

    async def run() -> None:
        batcher = WindowBatcher(engine)
        first = await _busy(batcher, engine)
        windows = [
            caption_window(f"{'f' if final else 'p'}{number}", seconds=0.01, final=final)
            for number, final in enumerate(kinds)
        ]
        tasks = _send(batcher, *windows)
        await asyncio.sleep(0)
        engine.open_gate.set()
        heard = await asyncio.gather(first, *tasks)
        assert [one.window_id for one in heard[1:]] == [window.id for window in windows]
        await batcher.close()

    asyncio.run(run())
    assert all(len(call) <= parallel_windows for call in engine.calls)
    order = [window_id for call in engine.calls[1:] for window_id in call]
    expected = [f"f{n}" for n, final in enumerate(kinds) if final]
    expected += [f"p{n}" for n, final in enumerate(kinds) if not final]
    assert order == expected
