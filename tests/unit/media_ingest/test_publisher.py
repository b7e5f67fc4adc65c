from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lessons.errors import (
    InvalidInput,
    LecternError,
    NotAuthenticated,
    Overloaded,
    Unavailable,
    UnsupportedMedia,
)
from media_ingest.frames import SAMPLE_RATE
from media_ingest.media_worker import MediaWorker
from media_ingest.paced_tracks import TAIL_SECONDS
from media_ingest.publisher import WhipPublisher
from tests.unit.media_ingest.clients import clock, write_wav
from tests.unit.media_ingest.sounds import tone
from tests.unit.media_ingest.whip_endpoint import Listener, endpoint, served

TONE_HZ = 440
TONE_SECONDS = 3.0
JITTER_BUFFER_SECONDS = 0.08
"""aiortc holds the last four frames back until more come."""


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "tone.wav", tone(TONE_SECONDS, TONE_HZ))


@pytest.fixture
async def worker() -> AsyncIterator[MediaWorker]:
    async with MediaWorker(admission_limit=1_000) as worker:
        yield worker


async def test_a_file_arrives_whole_in_tune_and_in_real_time(
    worker: MediaWorker, audio: Path
) -> None:
    listener, now_ms = Listener(), clock()
    async with served(endpoint(worker, listener, now_ms)) as url:
        await WhipPublisher(f"{url}/whip", "token", audio).publish()
        await listener.closed.wait()
    took_seconds = now_ms() / 1000
    assert listener.reason == "left"
    assert listener.tracks == ["audio"]

    samples = np.concatenate([frame.samples for frame in listener.audio])
    expected_seconds = TONE_SECONDS + TAIL_SECONDS - JITTER_BUFFER_SECONDS
    assert len(samples) / SAMPLE_RATE == pytest.approx(expected_seconds, abs=0.1)
    assert took_seconds >= TONE_SECONDS + TAIL_SECONDS - 0.1
    loud = np.flatnonzero(np.abs(samples) > 0.1)
    assert (loud[-1] - loud[0]) / SAMPLE_RATE == pytest.approx(TONE_SECONDS, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[loud[0] : loud[0] + 2 * SAMPLE_RATE]))
    assert spectrum.argmax() / 2 == pytest.approx(TONE_HZ, abs=1)

    starts = [frame.start_ms for frame in listener.audio]
    assert starts == sorted(starts)
    ends = [frame.end_ms for frame in listener.audio]
    gaps = np.array(starts[1:]) - np.array(ends[:-1])
    assert np.abs(gaps).max() < 12  # The timeline may slew by half a frame.
    assert 0 <= starts[0] < 1000 * took_seconds


async def test_video_goes_with_it(worker: MediaWorker, audio: Path) -> None:
    listener = Listener()
    async with served(endpoint(worker, listener, clock())) as url:
        publisher = WhipPublisher(f"{url}/whip", "token", audio, video=True)
        await publisher.publish()
        await listener.closed.wait()
    assert listener.tracks == ["audio", "video"]
    assert len(listener.video) >= 3


async def test_it_takes_leave_when_told(worker: MediaWorker, audio: Path) -> None:
    listener = Listener()
    async with served(endpoint(worker, listener, clock())) as url:
        publisher = WhipPublisher(f"{url}/whip", "token", audio)
        publishing = asyncio.create_task(publisher.publish())
        await asyncio.wait_for(listener.connected.wait(), 10)
        publisher.stop()
        await asyncio.wait_for(publishing, 8)
        await listener.closed.wait()
    assert listener.reason == "left"


async def test_a_lost_connection_is_told(worker: MediaWorker, audio: Path) -> None:
    listener = Listener()
    async with served(endpoint(worker, listener, clock())) as url:
        publishing = asyncio.create_task(WhipPublisher(f"{url}/whip", "token", audio).publish())
        await asyncio.wait_for(listener.connected.wait(), 10)
        await worker.drain(timeout_seconds=0)
        with pytest.raises(Unavailable, match="lost"):
            await asyncio.wait_for(publishing, 8)


async def test_a_full_worker_says_when_to_come_again(audio: Path) -> None:
    async with (
        MediaWorker(admission_limit=0) as worker,
        served(endpoint(worker, Listener(), clock())) as url,
    ):
        with pytest.raises(Overloaded, match="503") as refusal:
            await WhipPublisher(f"{url}/whip", "token", audio).publish()
    assert refusal.value.retry_after_seconds == 5


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, NotAuthenticated),
        (415, UnsupportedMedia),
        (422, InvalidInput),
        (500, Unavailable),
        (200, InvalidInput),
    ],
)
async def test_refusals_keep_their_meaning(
    status: int, error: type[LecternError], audio: Path
) -> None:
    async def refuse(request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer token"
        assert request.headers["Content-Type"] == "application/sdp"
        return JSONResponse({"detail": "The token has expired."}, status)

    async with served(Starlette(routes=[Route("/whip", refuse, methods=["POST"])])) as url:
        with pytest.raises(error, match=f"{status}: The token has expired.") as refusal:
            await WhipPublisher(f"{url}/whip", "token", audio).publish()
    assert type(refusal.value) is error


async def test_an_answer_that_is_no_sdp_is_refused(audio: Path) -> None:
    async def babble(_: Request) -> Response:
        return Response("hello", 201, {"Location": "/whip/1"})

    async with served(Starlette(routes=[Route("/whip", babble, methods=["POST"])])) as url:
        with pytest.raises(Unavailable, match="not answer as a WHIP endpoint"):
            await WhipPublisher(f"{url}/whip", "token", audio).publish()


async def test_nobody_there(audio: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        await WhipPublisher("http://127.0.0.1:1/whip", "token", audio).publish()


@pytest.mark.parametrize("content", [b"", b"RIFF\x00", b"not audio at all" * 100])
async def test_a_file_that_is_no_audio_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"broken\.wav"):
        await WhipPublisher("http://127.0.0.1:1/whip", "token", path).publish()


async def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        await WhipPublisher("http://127.0.0.1:1/whip", "token", tmp_path / "none").publish()
