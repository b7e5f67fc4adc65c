"""An EventSource in few lines, for tests of streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

PATIENCE_SECONDS = 10


@dataclass
class Received:
    """One message of a stream."""

    event: str
    id: str | None
    data: dict[str, object]


@asynccontextmanager
async def event_source(url: str, headers: dict[str, str]) -> AsyncIterator[AsyncIterator[Received]]:
    """Messages of one connection."""
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client,
        client.stream("GET", url, headers={"Accept": "text/event-stream"} | headers) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _messages(response)


async def _messages(response: httpx.Response) -> AsyncIterator[Received]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            yield Received(fields["event"], fields.get("id"), json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}


async def take(messages: AsyncIterator[Received], count: int) -> list[Received]:
    """The next messages."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [await anext(messages) for _ in range(count)]
