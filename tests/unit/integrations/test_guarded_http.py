"""A request to an address that somebody else chose: refused, answered, cut short or given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from integrations.address_guard import AddressGuard, AddressRefused
from integrations.guarded_http import Answer, GuardedHttp, NoAnswer, NoHttp

LOCAL = AddressGuard(["127.0.0.0/8"])
Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(speak: Speak) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(10):
            await speak(reader, writer)
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"


def saying(text: bytes, *, hang_up: bool = True) -> Speak:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        await writer.drain()
        if not hang_up:
            await reader.read()

    return speak


async def ask(url: str, guard: AddressGuard = LOCAL, timeout_seconds: float = 5.0) -> Answer:
    async with aclosing(GuardedHttp(guard, timeout_seconds)) as http:
        return await http.request("GET", url, {"accept": "text/plain"}, most_bytes=10)


async def test_a_short_answer_is_whole_and_a_long_one_cut() -> None:
    async with listening(saying(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789")) as url:
        assert await ask(url) == Answer(200, b"0123456789", is_whole=True)
    async with listening(saying(b"HTTP/1.1 500 No\r\n\r\n" + 11 * b"x", hang_up=False)) as url:
        assert await ask(url) == Answer(500, 10 * b"x", is_whole=False)


async def test_a_redirection_is_an_answer_like_any_other() -> None:
    moved = b"HTTP/1.1 307 Moved\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n"
    async with listening(saying(moved)) as url:
        assert (await ask(url)).status == 307


async def test_an_internal_address_is_refused_before_anybody_hears_of_it() -> None:
    heard: list[bytes] = []

    async def overhear(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1))

    async with listening(overhear) as url:
        with pytest.raises(AddressRefused, match="internal address"):
            await ask(url, AddressGuard())
    assert heard == []


@pytest.mark.parametrize(
    "text", [b"220 ready\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"]
)
async def test_what_is_no_whole_answer_is_no_http(text: bytes) -> None:
    async with listening(saying(text)) as url:
        with pytest.raises(NoHttp, match="not HTTP"):
            await ask(url)


async def test_silence_and_absence_are_no_answer() -> None:
    async with listening(saying(b"HTTP/1.1 200 OK\r\n", hang_up=False)) as url:
        with pytest.raises(NoAnswer, match=r"within 0\.2 s"):
            await ask(url, timeout_seconds=0.2)
    with pytest.raises(NoAnswer, match="connection failed"):
        await ask("http://127.0.0.1:9/")
