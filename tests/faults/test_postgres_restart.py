"""PostgreSQL goes away in mid-lesson: what was acknowledged stays, and writes resume."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from lessons.errors import Unavailable
from lessons.events import EventDraft, LearningEvent, WhiteboardContributed
from lessons.privacy.sealing import MasterKey
from lessons.store import Database, EmbeddedPostgres, Ledger, LessonStore, LiveFeed, migrate
from tests.keys import MASTER_KEY

TENANT = "ten_1"
BEFORE, AFTER = 40, 40
SHUTDOWN = signal.SIGINT
CRASH = signal.SIGQUIT
"""What the postmaster takes as a fast and as an immediate shutdown (no checkpoint: it recovers)."""


@pytest.fixture
def server(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    embedded = EmbeddedPostgres(server_folder)
    yield embedded
    embedded.stop()


@dataclass
class Writer:
    """Appends one event after the other, repeating each until it is acknowledged."""

    ledger: Ledger
    lesson_id: str
    acknowledged: list[LearningEvent] = field(default_factory=list)
    outages: int = 0

    async def write(self, name: str) -> None:
        for number in range(1, 10_000):
            data = WhiteboardContributed(board_id=name, kind="stroke", elements=number)
            self.acknowledged.append(await self._append(EventDraft(data, number, "par_1")))

    async def _append(self, draft: EventDraft) -> LearningEvent:
        while True:
            try:
                (appended,) = await self.ledger.append(TENANT, self.lesson_id, [draft])
            except Unavailable:
                self.outages += 1
                await asyncio.sleep(0.05)
            else:
                return appended.event


async def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


async def _follow(ledger: Ledger, feed: LiveFeed, lesson_id: str, seen: list[int]) -> None:
    """Read on from the last event seen whenever the feed says so, through the outage."""
    async with feed.subscribe(TENANT, lesson_id) as subscription:
        async for _ in subscription:
            try:
                page = await ledger.read(TENANT, lesson_id, after=seen[-1] if seen else 0)
            except Unavailable:
                continue  # the feed has lost its connection too, and speaks after reconnecting
            seen += [event.ledgersequence for event in page]


async def _take_down(data_dir: Path, how: signal.Signals) -> None:
    postmaster = psutil.Process(int((data_dir / "postmaster.pid").read_text().split()[0]))
    os.kill(postmaster.pid, how)
    await asyncio.to_thread(postmaster.wait, 30)


@pytest.mark.parametrize("how", [SHUTDOWN, CRASH], ids=["restart", "crash"])
async def test_nothing_acknowledged_is_lost_and_writes_resume(
    server: EmbeddedPostgres, server_folder: Path, how: signal.Signals
) -> None:
    url = await asyncio.to_thread(server.start)
    await asyncio.to_thread(migrate, url)
    database = Database(url, master_key=MasterKey(MASTER_KEY))
    ledger = Ledger(database)
    lesson = await LessonStore(database).create_lesson(TENANT, title="Interrupted")
    writer, seen = Writer(ledger, lesson.id), list[int]()
    async with LiveFeed(url) as feed, asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(writer.write(name)) for name in ("one", "two", "three")]
        running.append(tasks.create_task(_follow(ledger, feed, lesson.id, seen)))
        await _until(lambda: len(writer.acknowledged) >= BEFORE, 20)
        await _take_down(server_folder, how)
        await asyncio.sleep(0.3)
        held = len(writer.acknowledged)
        await asyncio.sleep(0.3)
        assert len(writer.acknowledged) == held
        assert not await feed.publish_partial(TENANT, lesson.id, {"text": "unheard"})
        assert await asyncio.to_thread(server.start) == url
        await _until(lambda: len(writer.acknowledged) >= held + AFTER, 20)
        assert await feed.publish_partial(TENANT, lesson.id, {"text": "heard"})
        for task in running[:3]:
            task.cancel()
        await asyncio.gather(*running[:3], return_exceptions=True)
        last = writer.acknowledged[-1].ledgersequence
        await _until(lambda: bool(seen) and seen[-1] >= last, 20)
        running[3].cancel()

    stored = await _everything(ledger, lesson.id)
    await database.dispose()
    assert writer.outages > 0
    assert [event.ledgersequence for event in stored] == list(range(1, len(stored) + 1))
    by_id = {event.id: event for event in stored}
    assert len(by_id) == len(stored)
    assert all(by_id[event.id] == event for event in writer.acknowledged)
    assert len(stored) - len(writer.acknowledged) <= len(running[:3])  # cut off while waiting
    assert seen == list(range(1, len(seen) + 1))


async def _everything(ledger: Ledger, lesson_id: str) -> list[LearningEvent]:
    events: list[LearningEvent] = []
    while page := await ledger.read(TENANT, lesson_id, after=len(events), limit=500):
        events += page
    return events
