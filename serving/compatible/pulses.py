"""Waits for what comes slowly without falling silent: a pulse whenever nothing has come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

Item = TypeVar("Item")


async def pulsed(
    source: AsyncGenerator[Item, None], every_seconds: float
) -> AsyncGenerator[Item | None, None]:
    """Yield what a source yields, and None whenever it has yielded nothing for so long.

    Use it under `contextlib.aclosing`; it closes the source as well.
    """
    async with aclosing(source):
        coming = _next_of(source)
        try:
            while True:
                done, _ = await asyncio.wait({coming}, timeout=every_seconds)
                if not done:
                    yield None
                    continue
                item = coming.result()
                if item is None:
                    return
                yield item
                coming = _next_of(source)
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


def _next_of(source: AsyncGenerator[Item, None]) -> asyncio.Task[Item | None]:
    async def wait() -> Item | None:
        return await anext(source, None)

    return asyncio.create_task(wait())
