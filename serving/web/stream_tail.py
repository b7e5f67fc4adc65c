"""The tail of a stream: its newest messages in a ring, read by one task for all readers."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from itertools import islice

from lessons.errors import Unavailable
from lessons.store import Committed, Passing, Subscription
from lessons.store.commits import CursorAhead
from serving.database import wait_for_store
from serving.web.stream_messages import Batch, Place, StreamMessage
from serving.web.stream_sources import SourcePage, StreamSource

logger = logging.getLogger(__name__)

PAGE_EVENTS = 500
TICK_SECONDS = 1.0
"""Readers are woken at least so often, to look whether they still may read."""
HELD_BACK_SECONDS = 0.05
"""How soon to look again where an older transaction holds commits back."""
KEPT_MESSAGES = 1024
KEPT_BYTES = 4 * 1024 * 1024
"""What is kept for readers that are a little behind."""
LONGEST_REST_SECONDS = 0.05


class Tail:
    """The newest messages of one stream.

    A reader takes what follows its position in the ring. One that is further behind than the ring
    reaches back reads the store by itself until it has caught up; passing messages that left the
    ring before it came for them are lost to it, newer ones replace them anyway.

    Attributes:
        readers: how many follow.
        ended: nothing is read any more.
        failure: why not, where the store is not the one that was read before.
    """

    def __init__(self, source: StreamSource) -> None:
        self._source = source
        self._ring: deque[StreamMessage] = deque()
        self._ring_bytes = 0
        self._start = 0  # position of the ring's first message: how many have left it
        self._floor: Place = ()  # whatever is stored after this place is in the ring
        self._head: Place = ()
        self._held_back = False
        self._changed = asyncio.Event()
        self._batches: dict[int, Batch] = {}
        self._begun = asyncio.Event()
        self._offered: dict[int, StreamMessage] = {}
        self._notices: Subscription | None = None
        self.readers = 0
        self.ended = False
        self.failure: CursorAhead | None = None

    async def run(self) -> None:
        """Read, and wake the readers, until cancelled."""
        try:
            async with self._source.subscribe() as notices:
                self._notices = notices
                await self._begin()
                while True:
                    await self._take(await self._next(notices))
        except CursorAhead as error:
            self.failure = error
        finally:
            self.ended = True
            self._begun.set()
            self._pulse()

    def offer(self, messages: Sequence[StreamMessage]) -> None:
        """Take stored messages from whoever stored them in this process.

        They spare the tail of a lesson the reading of what comes next in sequence. Whatever else
        was stored between them is read from the ledger as ever.
        """
        if len(self._offered) > KEPT_MESSAGES:
            self._offered.clear()
        sequences = [message.place[0] for message in messages if message.place is not None]
        self._offered.update(zip(sequences, messages, strict=True))
        if self._notices is not None and sequences:
            self._notices.put(Committed(sequences[-1]))

    async def follow(self, after: Place) -> AsyncIterator[Batch]:
        """Yield everything past `after`, once and in order, and what passes by, as it comes.

        An empty batch comes every few seconds. It ends only where the stream cannot be read.

        Raises:
            CursorAhead: the store is not the one that was read before.
        """
        await self._begun.wait()
        place, position = after, None
        while not self.ended:
            if place < self._floor and (position is None or position < self._start):
                floor, position = self._floor, None
                page = await self._page(place)
                place = page.next if page.full else max(page.next, floor)
                yield Batch(page.messages)
                continue
            changed = self._changed
            batch = self._batch_past(place, position)
            position = self._start + len(self._ring)
            place = max(place, self._head)
            yield batch
            if changed is self._changed:
                await changed.wait()
        if self.failure is not None:
            raise self.failure

    def _batch_past(self, place: Place, position: int | None) -> Batch:
        """Return what follows; whoever has no position yet gets nothing that passed by before."""
        if position is None:
            return Batch([m for m in self._ring if m.place is not None and m.place > place])
        position = max(position, self._start)
        batch = self._batches.get(position)
        if batch is None:
            batch = Batch(tuple(islice(self._ring, position - self._start, None)))
            self._batches[position] = batch
        return batch.past(place)

    async def _page(self, after: Place) -> SourcePage:
        while True:
            try:
                return await self._source.read(after, PAGE_EVENTS)
            except Unavailable as error:
                await wait_for_store(logger, "a stream", error)

    async def _begin(self) -> None:
        while True:
            try:
                self._floor = self._head = await self._source.beginning()
            except Unavailable as error:
                await wait_for_store(logger, "a stream", error)
            else:
                break
        await self._advance()
        self._begun.set()

    async def _next(self, notices: Subscription) -> Committed | Passing | None:
        """Return the next notice, or None where it is time to look without one."""
        try:
            async with asyncio.timeout(HELD_BACK_SECONDS if self._held_back else TICK_SECONDS):
                return await anext(notices)
        except TimeoutError:
            return None

    async def _take(self, notice: Committed | Passing | None) -> None:
        started = asyncio.get_running_loop().time()
        if isinstance(notice, Passing):
            message = await self._source.passing(notice)
            self._append([message] if message is not None else [])
        else:
            self._take_offered()
            is_news = notice is not None and self._source.is_news(notice, self._head)
            if self._held_back or is_news:
                await self._advance()
        self._pulse()
        # Once this task's turn comes again, every reader that was woken has sent what it took.
        # Resting for as long as that took leaves half of the time to all others, and lets more
        # messages share one sending the more readers there are.
        await asyncio.sleep(0)
        busy_seconds = asyncio.get_running_loop().time() - started
        await asyncio.sleep(min(busy_seconds, LONGEST_REST_SECONDS))

    def _take_offered(self) -> None:
        """Append those offered messages that follow the newest one without a gap."""
        if not self._offered:
            return
        sequence, taken = self._head[0] + 1, []
        while (message := self._offered.pop(sequence, None)) is not None:
            taken.append(message)
            sequence += 1
        if taken:
            self._head = (sequence - 1,)
            self._append(taken)
        for passed in [n for n in self._offered if n < sequence]:
            del self._offered[passed]

    async def _advance(self) -> None:
        full = True
        while full:
            page = await self._page(self._head)
            self._head, self._held_back, full = page.next, page.held_back, page.full
            self._append(page.messages)
            if full:
                self._pulse()
                await asyncio.sleep(0)

    def _append(self, messages: Sequence[StreamMessage]) -> None:
        self._batches.clear()
        self._ring.extend(messages)
        self._ring_bytes += sum(len(message.server_sent) for message in messages)
        while len(self._ring) > KEPT_MESSAGES or self._ring_bytes > KEPT_BYTES:
            gone = self._ring.popleft()
            self._ring_bytes -= len(gone.server_sent)
            self._start += 1
            if gone.place is not None:
                self._floor = gone.place

    def _pulse(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
