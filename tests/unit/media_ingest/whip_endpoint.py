"""A WHIP endpoint around a MediaWorker, for tests: what serving does, without its accounts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lessons.errors import InvalidInput, LecternError, NotFound, Overloaded, UnsupportedMedia
from media_ingest.frames import AudioFrame, VideoFrame
from media_ingest.media_worker import MediaWorker
from media_ingest.peer_handler import CloseReason
from media_ingest.sdp import TrackKind

STATUSES: dict[type[LecternError], int] = {
    InvalidInput: 422,
    UnsupportedMedia: 415,
    NotFound: 404,
    Overloaded: 503,
}


@dataclass
class Listener:
    """A PeerHandler that keeps everything, in order."""

    calls: list[str] = field(default_factory=list)
    tracks: list[TrackKind] = field(default_factory=list)
    audio: list[AudioFrame] = field(default_factory=list)
    video: list[VideoFrame] = field(default_factory=list)
    mutes: list[bool] = field(default_factory=list)
    reason: CloseReason | None = None
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def on_track(self, kind: TrackKind, label: str) -> None:
        assert label
        self.calls.append("track")
        self.tracks.append(kind)

    async def on_connected(self) -> None:
        self.calls.append("connected")
        self.connected.set()

    async def on_audio(self, frame: AudioFrame) -> None:
        self.calls.append("audio")
        self.audio.append(frame)

    async def on_video(self, frame: VideoFrame) -> None:
        self.calls.append("video")
        self.video.append(frame)

    async def on_muted(self, muted: bool) -> None:
        self.calls.append("muted")
        self.mutes.append(muted)

    async def on_closed(self, reason: CloseReason) -> None:
        self.calls.append("closed")
        self.reason = reason
        self.closed.set()


Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(worker: MediaWorker, listener: Listener, now_ms: Callable[[], float]) -> Starlette:
    """POST /whip, PATCH and DELETE /whip/{peer_id}."""

    def refusing(handle: Endpoint) -> Endpoint:
        async def handler(request: Request) -> Response:
            try:
                return await handle(request)
            except LecternError as error:
                headers = {}
                if isinstance(error, Overloaded):
                    headers["Retry-After"] = str(error.retry_after_seconds)
                status = STATUSES[type(error)]
                return JSONResponse({"detail": str(error)}, status, headers)

        return handler

    async def post(request: Request) -> Response:
        offer = (await request.body()).decode()
        peer = await worker.accept(offer, listener, now_ms)
        headers = {"Location": f"/whip/{peer.id}", "Content-Type": "application/sdp"}
        return Response(peer.answer, 201, headers)

    async def patch(request: Request) -> Response:
        body = (await request.body()).decode()
        await worker.trickle(request.path_params["peer_id"], body)
        return Response(status_code=204)

    async def delete(request: Request) -> Response:
        await worker.close_peer(request.path_params["peer_id"])
        return Response(status_code=200)

    return Starlette(
        routes=[
            Route("/whip", refusing(post), methods=["POST"]),
            Route("/whip/{peer_id}", refusing(patch), methods=["PATCH"]),
            Route("/whip/{peer_id}", refusing(delete), methods=["DELETE"]),
        ]
    )


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI application on a free port; gives its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
