"""A meeting on a real socket that keeps Zoom's rules: numbered lines, without gap or double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qs, urlsplit

SIGNATURE = "nYtXJqRKCW"


class Fault(Enum):
    """What goes wrong with one request."""

    CUT_BEFORE = "the connection is cut, and the line was not taken"
    CUT_AFTER = "the line was taken, and the connection is cut before the answer"
    HANG_AFTER = "the line was taken, and no answer comes"
    NOT_STARTED = "the meeting has not started"
    OVERLOADED = "the server fails"


@dataclass
class Meeting:
    """Takes a line if its number follows the last one; `faults` are what goes wrong next."""

    url: str = ""
    last: int = 0
    lines: list[str] = field(default_factory=list)
    languages: set[str] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    asked: int = 0
    hung: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                answer = self._answer(*request)
                if answer is None:
                    break
                if answer == (0, ""):
                    self.hung.set()
                    await asyncio.sleep(60)
                status, text = answer
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, method: str, target: str, kind: str, body: str) -> tuple[int, str] | None:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if query.get("signature") != SIGNATURE:
            return 403, "no"
        if (method, parts.path) == ("GET", "/closedcaption/seq"):
            self.asked += 1
            return 200, str(self.last)
        if (method, parts.path) != ("POST", "/closedcaption"):
            return 405, "no"
        return self._take(int(query["seq"]), query["lang"], kind, body)

    def _take(self, number: int, language: str, kind: str, body: str) -> tuple[int, str] | None:
        fault = self.faults.pop(0) if self.faults else None
        if fault is Fault.CUT_BEFORE:
            return None
        if fault is Fault.NOT_STARTED:
            return 400, "no"
        if fault is Fault.OVERLOADED:
            return 503, "busy"
        if number != self.last + 1 or not kind.startswith("text/plain"):
            self.refused.append(number)
            return 400, "no"
        self.last = number
        self.languages.add(language)
        self.lines.append(body)
        if fault is Fault.HANG_AFTER:
            return 0, ""
        return None if fault is Fault.CUT_AFTER else (200, "2026-11-22T10:15:31")


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, str, str] | None:
    """Return method, target, content type and body of the next request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    method, target, _ = first.split(" ")
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return method, target, headers.get("content-type", ""), body.decode()


@asynccontextmanager
async def running_meeting() -> AsyncIterator[Meeting]:
    """Run a meeting on a port of its own."""
    meeting = Meeting()
    server = await asyncio.start_server(meeting.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    meeting.url = f"http://127.0.0.1:{port}/closedcaption?id=7&signature={SIGNATURE}"
    try:
        yield meeting
    finally:
        server.close()
