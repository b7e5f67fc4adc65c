"""PostgreSQL restarts while somebody speaks: finals wait in the worker and then are all there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lessons.store import EmbeddedPostgres, migrate
from tests.faults.conftest import Classroom


@pytest.fixture
def server(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(server_folder)
    yield embedded
    embedded.stop()


@pytest.fixture
def database_url(server: EmbeddedPostgres) -> str:
    """A server of this test's own, since it is going to be shut down."""
    url = server.start()
    migrate(url)
    return url


async def test_finals_spoken_during_the_outage_are_written_after_it(
    classroom: Classroom, server: EmbeddedPostgres, server_folder: Path, speech: Path
) -> None:
    publishing = asyncio.create_task(classroom.publisher(classroom.tutor, speech).publish())
    before = await classroom.wait_for_finals(1)
    postmaster = int((server_folder / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGINT)
    await asyncio.to_thread(psutil.Process(postmaster).wait, 20)
    heard = len(classroom.captions.windows)
    await publishing
    assert len(classroom.captions.windows) > heard, "captioning stopped with the database"
    await asyncio.to_thread(server.start)
    finals = await classroom.wait_for_finals(len(before) + 1)
    await classroom.wait_for_type("participant.left")
    events = await classroom.events()
    assert finals[: len(before)] == before
    assert [event.ledgersequence for event in events] == list(range(1, len(events) + 1))
    spoken_after = {f"utterance{n}" for n in range(heard + 1, len(classroom.captions.windows) + 1)}
    assert spoken_after & {final.text for final in await classroom.finals()}
