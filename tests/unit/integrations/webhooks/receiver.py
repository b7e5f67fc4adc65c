"""A receiver of webhooks on a real port, which keeps what it got and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.responses import Response

from tests.unit.serving.serving_app import serve

Answer = Callable[["Delivered"], Awaitable[Response]]


@dataclass(frozen=True)
class Delivered:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers 204 unless `answer` says otherwise."""

    url: str = ""
    answer: Answer | None = None
    received: list[Delivered] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: Request) -> Response:
        delivered = Delivered(dict(request.headers), await request.body())
        self.received.append(delivered)
        self.arrived.set()
        if self.answer is not None:
            return await self.answer(delivered)
        return Response(status_code=204)

    async def wait_for(self, count: int, seconds: float = 10.0) -> None:
        """Wait until so many requests have arrived."""
        async with asyncio.timeout(seconds):
            while len(self.received) < count:
                self.arrived.clear()
                await self.arrived.wait()


def answering(status: int, **headers: str) -> Answer:
    async def answer(_: Delivered) -> Response:
        return Response("as told", status_code=status, headers=headers)

    return answer


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = FastAPI()
    app.add_api_route("/hooks", receiver.handle, methods=["POST"])
    async with serve(app) as url:
        receiver.url = f"{url}/hooks"
        yield receiver
