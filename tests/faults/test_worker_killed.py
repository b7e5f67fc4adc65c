"""An ingest worker is killed in mid-lesson: clients publish again, and no final is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response

from lessons.errors import Conflict, Unavailable
from models.captions.interface import CaptionWindow
from serving.captioning.wire import decode_windows, encode_outcomes
from serving.settings import Settings
from tests.faults.conftest import Classroom, open_classroom, serving, wait_until


def models_endpoint(room: Classroom) -> FastAPI:
    """The models process's endpoint, in front of the test's captioner."""
    app = FastAPI()

    @app.post("/transcribe")
    async def transcribe(request: Request) -> Response:
        windows: list[CaptionWindow] = decode_windows(await request.body())
        return Response(encode_outcomes([await room.captions.transcribe(w) for w in windows]))

    return app


@asynccontextmanager
async def worker_process(settings: Settings, database_url: str) -> AsyncIterator[Process]:
    """A real `lectern ingest`."""
    environment = os.environ | settings.environment() | {"LECTERN_DATABASE_URL": database_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lectern", "ingest", env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def publish_again(room: Classroom, speech: Path) -> None:
    """What a client does: try again until the dead worker's claim has run out."""
    while True:
        try:
            return await room.publisher(room.tutor, speech).publish()
        except (Conflict, Unavailable):
            await asyncio.sleep(1)


async def test_a_killed_worker_costs_no_final(
    database_url: str, tenant_id: str, tmp_path: Path, speech: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    async with (
        open_classroom(settings, database_url, tenant_id) as room,
        serving(models_endpoint(room)) as models_url,
    ):
        settings = settings.model_copy(update={"models_url": models_url})
        async with worker_process(settings, database_url) as doomed:
            await workers_are(room, 1)
            publishing = asyncio.create_task(room.publisher(room.tutor, speech).publish())
            before = await room.wait_for_finals(1)
            doomed.send_signal(signal.SIGKILL)
            await doomed.wait()
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)
        async with worker_process(settings, database_url):
            await publish_again(room, speech)
            after = await room.wait_for_finals(len(before) + 2)
        events = await room.events()
    assert after[: len(before)] == before
    assert [event.ledgersequence for event in events] == list(range(1, len(events) + 1))
    assert [final.start_ms for final in after] == sorted(final.start_ms for final in after)
    assert len({final.caption_id for final in after}) == len(after)
    lost = [event.data for event in events if event.type == "track.ended"]
    assert "worker lost" in {getattr(data, "reason", None) for data in lost}


async def workers_are(room: Classroom, count: int) -> None:
    """Wait until so many workers are registered."""

    async def registered() -> bool:
        try:
            await room.services.workers.least_loaded(0.7)
        except Unavailable:
            return False
        return len(await room.services.workers.list_workers()) >= count

    await wait_until(registered)
