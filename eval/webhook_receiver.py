"""A receiver of webhooks for benchmarks: it can be out, and keeps what it took."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
_OUT = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@dataclass(slots=True)
class BenchmarkReceiver:
    """Answers 503 while it is out, else 204.

    Attributes:
        url: where it listens.
        refused: requests that came while it was out.
        taken: how often each message was taken, by its `webhook-id`.
        sequences: of each lesson, in the order in which they were first taken.
        bodies: the first bodies that were taken, for the comparison.
    """

    url: str = ""
    is_out: bool = False
    refused: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    sequences: dict[str, list[int]] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    kept_bodies: int = 1000

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                headers = dict(
                    line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line
                )
                body = await reader.readexactly(int(headers[b"content-length"]))
                writer.write(self._answer(headers[b"webhook-id"].decode("ascii"), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, message_id: str, body: bytes) -> bytes:
        if self.is_out:
            self.refused += 1
            return _OUT
        self.taken[message_id] += 1
        if self.taken[message_id] == 1:
            event = json.loads(body)["data"]
            self.sequences.setdefault(event["lessonid"], []).append(event["ledgersequence"])
            if len(self.bodies) < self.kept_bodies:
                self.bodies.append(body)
        return _TAKEN


@asynccontextmanager
async def running_receiver() -> AsyncIterator[BenchmarkReceiver]:
    """Run a receiver on a free port for the time of the context."""
    receiver = BenchmarkReceiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    try:
        yield receiver
    finally:
        server.close()
