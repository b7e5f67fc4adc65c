"""Peers that one ingest worker holds: processor time a peer, as a ratio to real time.

    python -m eval.ingest_capacity

One process is the worker (peers, decoding, resampling, the lesson clock, and in the later rows the
voice activity and cutting that captions need); this process publishes to it by WHIP over the
machine's own network: the sample lesson's tutor, and for video a moving 640x480 picture at 25
pictures a second. Only the worker's processor time counts, per second of audio that it received: on
a busy machine the publishers fall behind.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import socket
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import psutil
import uvicorn
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from media_ingest.frames import AudioFrame, VideoFrame
from media_ingest.media_worker import MediaWorker
from media_ingest.peer_handler import CloseReason
from media_ingest.publisher import WhipPublisher
from media_ingest.sdp import TrackKind
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from serving.live.camera_looking import CameraLooking
from serving.live.camera_watch import CameraWatch
from serving.observability.camera_metrics import CameraMetrics
from serving.samples import SAMPLE_FOLDER

SETTLE_SECONDS = 2.0
STAGGER_SECONDS = 0.1
START_SECONDS = 120.0
CONNECT_SECONDS = 30.0
ADMIT_ALL = 1_000.0


@dataclass(frozen=True, slots=True)
class Load:
    """One row of the result; with `looking` the pictures of `pictures` are looked at for faces."""

    name: str
    peers: int
    video: bool
    cutting: bool
    looking: bool = False
    pictures: Sequence[bytes] | None = None


class CountingHandler:
    """Counts what it is given; it may listen for speech too, and look for faces, as in a lesson."""

    def __init__(
        self, cutter: UtteranceCutter | None = None, watch: CameraWatch | None = None
    ) -> None:
        self.audio_seconds = 0.0
        self.pictures = 0
        self._cutter = cutter
        self._watch = watch

    async def on_track(self, kind: TrackKind, label: str) -> None:
        """Nothing to count."""

    async def on_connected(self) -> None:
        """Nothing to count."""

    async def on_audio(self, frame: AudioFrame) -> None:
        """Count it, and cut it into utterances."""
        self.audio_seconds += frame.duration_ms / 1000
        if self._cutter is not None:
            self._cutter.feed(frame)

    async def on_video(self, frame: VideoFrame) -> None:
        """Count it, and have it looked at."""
        self.pictures += 1
        if self._watch is not None:
            self._watch.feed(frame)

    async def on_muted(self, muted: bool) -> None:
        """Nothing to count."""

    async def on_closed(self, reason: CloseReason) -> None:
        """Nothing to count."""


def now_ms() -> float:
    """The lesson clock of every lesson here, in milliseconds."""
    return 1000 * time.monotonic()


def worker_app(worker: MediaWorker, cutting: bool, looking: CameraLooking | None) -> Starlette:
    """WHIP for anybody, and at `/received` the totals."""
    handlers: list[CountingHandler] = []

    async def publish(request: Request) -> Response:
        cutter = UtteranceCutter(SpeechGate(), CuttingSettings()) if cutting else None
        watch = await looking.watch("par_1", now_ms, lambda _: None) if looking else None
        handler = CountingHandler(cutter, watch)
        offer = (await request.body()).decode()
        peer = await worker.accept(offer, handler, now_ms)
        handlers.append(handler)
        return Response(peer.answer, 201, {"Location": f"/whip/{peer.id}"}, "application/sdp")

    async def leave(request: Request) -> Response:
        await worker.close_peer(request.path_params["peer_id"])
        return Response()

    async def received(_: Request) -> Response:
        dropped = sum(sum(peer.counters.as_dict().values()) for peer in worker.peers.values())
        return JSONResponse(
            {
                "connected": sum(peer.connected for peer in worker.peers.values()),
                "audio_seconds": sum(handler.audio_seconds for handler in handlers),
                "pictures": sum(handler.pictures for handler in handlers),
                "dropped": dropped,
                "looked_at": looking.metrics.frames_looked_at if looking else 0,
            }
        )

    routes = [
        Route("/whip", publish, methods=["POST"]),
        Route("/whip/{peer_id}", leave, methods=["DELETE"]),
        Route("/received", received),
    ]
    return Starlette(routes=routes)


def be_worker(listener: socket.socket, cutting: bool, looks: bool) -> None:
    """Serve until terminated."""

    async def serve() -> None:
        async with MediaWorker(admission_limit=ADMIT_ALL) as worker, AsyncExitStack() as stack:
            metrics = CameraMetrics(CollectorRegistry())
            looking = await stack.enter_async_context(CameraLooking(metrics)) if looks else None
            app = worker_app(worker, cutting, looking)
            config = uvicorn.Config(app, log_level="warning", lifespan="off")
            await uvicorn.Server(config).serve(sockets=[listener])

    asyncio.run(serve())


async def measure(load: Load, seconds: float) -> None:
    """Run one row and print it."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    context = multiprocessing.get_context("spawn")
    arguments = (listener, load.cutting, load.looking)
    process = context.Process(target=be_worker, args=arguments, daemon=True)
    process.start()
    listener.close()
    publishers = [
        WhipPublisher(
            f"{url}/whip",
            "nobody",
            SAMPLE_FOLDER / "tutor.opus",
            video=load.video,
            pictures=load.pictures,
        )
        for _ in range(load.peers)
    ]
    try:
        await started(url)
        async with asyncio.TaskGroup() as publishing:
            for publisher in publishers:
                publishing.create_task(publisher.publish())
                await asyncio.sleep(STAGGER_SECONDS)
            await report(load, url, psutil.Process(process.pid), seconds)
            for publisher in publishers:
                publisher.stop()
    finally:
        process.terminate()
        process.join()


async def report(load: Load, url: str, worker: psutil.Process, seconds: float) -> None:
    """Wait until every peer is connected, watch the worker for a while, print what it took."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=CONNECT_SECONDS) as client:
        await connected(client, load.peers)
        await asyncio.sleep(SETTLE_SECONDS)
        before, started, used = await received(client), time.monotonic(), processor_seconds(worker)
        await asyncio.sleep(seconds)
        used = processor_seconds(worker) - used
        after, elapsed = await received(client), time.monotonic() - started
    heard = after["audio_seconds"] - before["audio_seconds"]
    share, speed = used / heard, heard / elapsed / load.peers
    pictures, looked_at = (
        (after[kind] - before[kind]) / elapsed / load.peers for kind in ("pictures", "looked_at")
    )
    print(
        f"{load.name:32} {load.peers:3} peers: {share:.4f} of real time each, "
        f"{1 / share:3.0f} peers a core; received {speed:.2f} s of audio a second"
        + (f" and {pictures:.1f} pictures" if load.video else "")
        + (f", {looked_at:.1f} looked at" if load.looking else "")
        + f"; {after['dropped']:.0f} frames dropped or placed anew",
        flush=True,
    )


async def started(url: str) -> None:
    """Wait until the worker has loaded what it needs and answers."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=START_SECONDS) as client:
        await received(client)


async def connected(client: httpx.AsyncClient, peers: int) -> None:
    """Wait for so many connections; raises TimeoutError where they do not come up."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while (await received(client))["connected"] < peers:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{peers} peers did not connect within {CONNECT_SECONDS:.0f} s")
        await asyncio.sleep(0.2)


async def received(client: httpx.AsyncClient) -> dict[str, float]:
    """The worker's totals."""
    totals: dict[str, float] = (await client.get("/received")).json()
    return totals


def processor_seconds(process: psutil.Process) -> float:
    """Processor time that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def run(audio_peers: int, video_peers: int, seconds: float) -> None:
    """Print every row."""
    rows = [
        Load("audio only", audio_peers, video=False, cutting=False),
        Load("audio, cut into utterances", audio_peers, video=False, cutting=True),
        Load("audio and 640x480 video", video_peers, video=True, cutting=False),
        Load("audio cut, and 640x480 video", video_peers, video=True, cutting=True),
    ]
    for row in rows:
        await measure(row, seconds)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.ingest_capacity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--audio-peers", type=int, default=12, help="peers without video (12)")
    parser.add_argument("--video-peers", type=int, default=5, help="peers with video (5)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each row (10)")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.audio_peers, arguments.video_peers, arguments.seconds))


if __name__ == "__main__":
    main()
