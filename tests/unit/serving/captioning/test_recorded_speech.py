"""Recorded windows wait their turn for as long as they may, and come out in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

import numpy as np
import pytest

from eval.virtual_time import run_in_virtual_time
from lessons.errors import Overloaded, Unavailable
from models.captions.interface import CaptionWindow, Hypothesis, Word
from serving.captioning.recorded_speech import Patience, in_order

PATIENCE = Patience(failures=20, rest_seconds=0.5, turn_seconds=300.0)
WINDOW = CaptionWindow("file/0", np.zeros(1600, np.float32), live=False)


class Until:
    """A captioner that refuses until a moment of its loop's clock; `asked` has when it was."""

    def __init__(self, free_at: float, error: Unavailable) -> None:
        self.asked: list[float] = []
        self._free_at = free_at
        self._error = error

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        self.asked.append(asyncio.get_running_loop().time())
        if self.asked[-1] < self._free_at:
            raise self._error
        return Hypothesis(window.id, (Word("word", 0, 100, 0.9),), "en", "patient", "none")


def test_a_window_waits_for_live_lessons_longer_than_for_models_that_fail() -> None:
    busy = Until(120, Overloaded("Live lessons.", retry_after_seconds=5))
    run_in_virtual_time(PATIENCE.hear(busy, WINDOW))
    assert busy.asked == [5 * number for number in range(25)]
    failing = Until(120, Unavailable("It is gone."))
    with pytest.raises(Unavailable, match="gone"):
        run_in_virtual_time(PATIENCE.hear(failing, WINDOW))
    assert failing.asked[-1] == 10


def test_it_does_not_wait_for_ever() -> None:
    busy = Until(1000, Overloaded("Live lessons.", retry_after_seconds=7))
    with pytest.raises(Overloaded):
        run_in_virtual_time(PATIENCE.hear(busy, WINDOW))
    assert busy.asked[-1] == 294


def test_a_wait_for_its_turn_does_not_count_as_a_failure() -> None:
    patience = Patience(failures=0, rest_seconds=1)
    busy = Until(10_000, Overloaded("Live lessons.", retry_after_seconds=5))
    run_in_virtual_time(patience.hear(busy, WINDOW))
    assert busy.asked[-1] == 10_000


class Hearing:
    """Hears numbers: each is done when it is let go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.cancelled: list[int] = []
        self.done = [asyncio.Event() for _ in range(8)]

    async def __call__(self, number: int) -> str:
        self.begun.append(number)
        try:
            await self.done[number].wait()
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        return f"heard {number}"


def numbers() -> Iterator[int]:
    yield from range(8)


async def test_results_come_in_order_whichever_is_done_first() -> None:
    hearing = Hearing()
    for event in reversed(hearing.done):
        event.set()
        await asyncio.sleep(0)
    async with aclosing(in_order(numbers(), hearing, 3)) as heard:
        told = [one async for one in heard]
    assert told == [(number, f"heard {number}") for number in range(8)]


async def test_no_more_are_heard_at_once_than_there_is_room_for() -> None:
    hearing = Hearing()
    async with aclosing(in_order(numbers(), hearing, 2)) as heard:
        first = asyncio.ensure_future(anext(heard))
        while len(hearing.begun) < 3:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.02)
        assert hearing.begun == [0, 1, 2]
        hearing.done[0].set()
        assert await first == (0, "heard 0")


async def test_nothing_goes_on_once_the_reader_has_left() -> None:
    hearing = Hearing()
    hearing.done[0].set()
    async with aclosing(in_order(numbers(), hearing, 2)) as heard:
        async for _ in heard:
            await asyncio.sleep(0)
            break
    assert hearing.begun == [0, 1, 2]
    assert hearing.cancelled == [1, 2]
