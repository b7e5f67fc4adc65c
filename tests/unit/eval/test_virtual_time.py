"""Hours pass at once, in the order of their timers."""

from __future__ import annotations

import asyncio

import pytest

from eval.virtual_time import run_in_virtual_time


def test_timers_fire_in_order_and_nobody_waits() -> None:
    order: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        order.append((name, asyncio.get_running_loop().time()))

    async def work() -> float:
        await asyncio.gather(sleeper("late", 36_000), sleeper("soon", 0.5), sleeper("then", 7200))
        return asyncio.get_running_loop().time()

    ended = run_in_virtual_time(work())
    assert [name for name, _ in order] == ["soon", "then", "late"]
    assert [at for _, at in order] == pytest.approx([0.5, 7200, 36_000])
    assert ended == pytest.approx(36_000)


def test_a_time_limit_is_virtual_too() -> None:
    async def work() -> None:
        async with asyncio.timeout(3600):
            await asyncio.sleep(7200)

    with pytest.raises(TimeoutError):
        run_in_virtual_time(work())
