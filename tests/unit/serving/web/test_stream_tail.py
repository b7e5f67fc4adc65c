"""A tail gives every reader the same, whenever it comes and however slow it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.events import LearningEvent, parse_event
from lessons.store import Committed, Passing, Subscription
from lessons.store.commits import CursorAhead
from serving.web import stream_tail
from serving.web.stream_messages import Batch, Place, StreamMessage, passing_message, stored_message
from serving.web.stream_sources import SourcePage
from serving.web.stream_tail import Tail

PATIENCE_SECONDS = 10


def event(sequence: int) -> LearningEvent:
    return parse_event(
        {
            "id": f"evt_{sequence}",
            "source": "urn:lectern:lesson:les_1",
            "type": "lesson.ended",
            "time": datetime(2026, 11, 22, tzinfo=UTC),
            "dataschema": "urn:lectern:event:lesson.ended:1",
            "tenantid": "ten_1",
            "lessonid": "les_1",
            "lessontimems": 0,
            "ledgersequence": sequence,
            "data": {"duration_ms": sequence},
        }
    )


def message(sequence: int) -> StreamMessage:
    return stored_message(event(sequence), (sequence,))


@dataclass(eq=False)
class Memory:
    """A lesson's ledger in a list."""

    stored: list[StreamMessage] = field(default_factory=list)
    notices: Subscription = field(default_factory=Subscription)
    reads: int = 0
    recent: int = 2
    restored: bool = False

    def store(self, count: int) -> list[StreamMessage]:
        """Store so many more; the notice is somebody else's."""
        first = len(self.stored) + 1
        new = [message(sequence) for sequence in range(first, first + count)]
        self.stored += new
        return new

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Subscription]:
        yield self.notices

    def is_news(self, notice: Committed, head: Place) -> bool:
        return notice.sequence is None or notice.sequence > head[0]

    async def beginning(self) -> Place:
        return (max(0, len(self.stored) - self.recent),)

    async def read(self, after: Place, limit: int) -> SourcePage:
        self.reads += 1
        if self.restored:
            raise CursorAhead("The store was restored from a copy.")
        page = self.stored[after[0] : after[0] + limit]
        await asyncio.sleep(0)
        return SourcePage(page, page[-1].place or after if page else after, len(page) == limit)

    async def passing(self, notice: Passing) -> StreamMessage | None:
        return passing_message(notice)


@asynccontextmanager
async def running(memory: Memory) -> AsyncIterator[Tail]:
    tail = Tail(memory)
    task = asyncio.create_task(tail.run())
    try:
        yield tail
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def sequences(batches: Sequence[Batch]) -> list[int]:
    messages = [message for batch in batches for message in batch.messages]
    return [message.place[0] for message in messages if message.place is not None]


async def read_until(tail: Tail, after: int, last: int, pause_every: int = 0) -> list[int]:
    """Read to the event `last`; after every so many batches the reader dawdles."""
    batches: list[Batch] = []
    if last <= after:
        return []
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for batch in tail.follow((after,)):
            batches.append(batch)
            if pause_every and len(batches) % pause_every == 0:
                await asyncio.sleep(0.01)
            if last in sequences([batch]):
                break
    return sequences(batches)


steps = st.lists(
    st.tuples(st.sampled_from(["store", "offer", "swallow", "pass", "join"]), st.integers(0, 6)),
    max_size=25,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.integers(0, 12), steps=steps)
def test_whoever_reads_from_wherever_gets_the_rest_once_and_in_order(
    before: int, steps: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events come by notice, are offered, or only show with a later one; partials lie between."""
    monkeypatch.setattr(stream_tail, "KEPT_MESSAGES", 5)
    monkeypatch.setattr(stream_tail, "PAGE_EVENTS", 3)
    asyncio.run(_play(before, steps))


async def _play(before: int, steps: list[tuple[str, int]]) -> None:
    memory = Memory()
    memory.store(before)
    total = (
        before + sum(count for step, count in steps if step in ("store", "offer", "swallow")) + 1
    )
    readers: list[tuple[int, asyncio.Task[list[int]]]] = []
    async with running(memory) as tail:
        for number, (step, count) in enumerate(steps):
            if step == "join":
                after = min(count, len(memory.stored))
                reading = read_until(tail, after, total, pause_every=number % 3)
                readers.append((after, asyncio.create_task(reading)))
            elif step == "pass":
                memory.notices.put(Passing("caption.partial", {"text": "..."}))
            else:
                new = memory.store(count)
                if step == "offer":
                    tail.offer(new)
                if step == "store":
                    memory.notices.put(Committed(len(memory.stored)))
            await asyncio.sleep(0.001 * (number % 2))
        readers.append((0, asyncio.create_task(read_until(tail, 0, total))))
        memory.store(1)
        memory.notices.put(Committed(len(memory.stored)))
        for after, reader in readers:
            assert await reader == list(range(after + 1, total + 1))


async def test_what_this_process_stored_itself_is_not_read_again() -> None:
    memory = Memory()
    async with running(memory) as tail:
        first = asyncio.create_task(read_until(tail, 0, 20))
        await asyncio.sleep(0.01)
        reads = memory.reads
        for _ in range(20):
            tail.offer(memory.store(1))
            memory.notices.put(Committed(len(memory.stored)))
            await asyncio.sleep(0)
        assert await first == list(range(1, 21))
        assert memory.reads == reads


async def test_readers_share_one_reading_and_one_encoding() -> None:
    memory = Memory()
    async with running(memory) as tail:
        readers = [tail.follow((0,)) for _ in range(10)]
        waiting = [asyncio.create_task(_first_of(reader)) for reader in readers]
        await asyncio.sleep(0.01)
        reads = memory.reads
        memory.store(3)
        memory.notices.put(Committed(3))
        batches = await asyncio.gather(*waiting)
    assert memory.reads == reads + 1
    assert all(batch is batches[0] for batch in batches)
    assert all(batch.server_sent is batches[0].server_sent for batch in batches)


async def _first_of(reader: AsyncIterator[Batch]) -> Batch:
    async for batch in reader:
        if batch.messages:
            return batch
    raise AssertionError("the stream ended")


async def test_who_comes_later_gets_no_stale_partial() -> None:
    memory = Memory()
    memory.store(1)
    async with running(memory) as tail:
        early = asyncio.create_task(_first_of(tail.follow((1,))))
        await asyncio.sleep(0.01)
        memory.notices.put(Passing("caption.partial", {"text": "stale"}))
        assert (await early).messages[0].passing == Passing("caption.partial", {"text": "stale"})
        late = await _first_of(tail.follow((0,)))
        assert [message.passing for message in late.messages] == [None]


async def test_a_tail_that_fails_ends_its_readers() -> None:
    class Broken(Memory):
        async def read(self, after: Place, limit: int) -> SourcePage:
            if self.stored:
                raise ZeroDivisionError
            return await super().read(after, limit)

    memory = Broken()
    tail = Tail(memory)
    task = asyncio.create_task(tail.run())
    reader = asyncio.create_task(read_until(tail, 0, 1))
    await asyncio.sleep(0.01)
    memory.store(1)
    memory.notices.put(Committed(1))
    assert await reader == []
    assert tail.ended
    with pytest.raises(ZeroDivisionError):
        await task


async def test_readers_are_told_where_the_store_is_not_the_one_of_before() -> None:
    memory = Memory()
    memory.store(3)
    async with running(memory) as tail:
        reading = asyncio.create_task(read_until(tail, 0, last=5))
        await read_until(tail, 0, last=3)
        memory.restored = True
        memory.notices.put(Committed(4))
        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(CursorAhead):
                await reading
    with pytest.raises(CursorAhead):
        await read_until(tail, 3, last=5)
