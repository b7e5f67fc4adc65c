"""Fan-out: what is new in a lesson, course or tenant is read and encoded once for all readers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

from lessons.events import LearningEvent
from lessons.privacy.masking import MASKED_TYPES
from lessons.store import Ledger, LiveFeed
from lessons.store.commits import CommitLog
from lessons.store.masking import MaskingRules
from serving.web.stream_messages import stored_message
from serving.web.stream_sources import CommitSource, LessonSource, StreamSource
from serving.web.stream_tail import Tail

logger = logging.getLogger(__name__)


class FanOut:
    """One process's tails: one for each lesson, course and tenant that somebody reads."""

    def __init__(
        self, ledger: Ledger, commits: CommitLog, feed: LiveFeed, masking: MaskingRules
    ) -> None:
        self._masking = masking
        self._ledger = ledger
        self._commits = commits
        self._feed = feed
        self._tails: dict[StreamSource, tuple[Tail, asyncio.Task[None]]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [task for _, task in self._tails.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def lesson(self, tenant_id: str, lesson_id: str) -> StreamSource:
        """Return the source of one lesson's stream."""
        return LessonSource(
            self._ledger, self._commits, self._feed, self._masking, tenant_id, lesson_id
        )

    def commits(self, tenant_id: str, course_id: str | None = None) -> StreamSource:
        """Return the source of a course's stream, or of the whole tenant's."""
        return CommitSource(self._commits, self._feed, tenant_id, course_id)

    def offer(self, events: Sequence[LearningEvent]) -> None:
        """Hand events that this process has just stored in one lesson to those who follow it.

        Captions are read back from the store instead: they may have to be masked.
        """
        if not events or any(event.type in MASKED_TYPES for event in events):
            return
        source = self.lesson(events[0].tenantid, events[0].lessonid)
        found = self._tails.get(source)
        if found is not None:
            found[0].offer([stored_message(event, (event.ledgersequence,)) for event in events])

    @asynccontextmanager
    async def tail(self, source: StreamSource) -> AsyncIterator[Tail]:
        """Give the tail of a source for as long as somebody reads; it is shared."""
        tail = self._tail(source)
        tail.readers += 1
        try:
            yield tail
        finally:
            tail.readers -= 1
            if not tail.readers:
                self._end(source, tail)

    def _tail(self, source: StreamSource) -> Tail:
        found = self._tails.get(source)
        if found is not None and not found[0].ended:
            return found[0]
        tail = Tail(source)
        task = asyncio.create_task(tail.run(), name=f"tail of {source}")
        task.add_done_callback(_tell_of_failure)
        self._tails[source] = (tail, task)
        return tail

    def _end(self, source: StreamSource, tail: Tail) -> None:
        found = self._tails.get(source)
        if found is not None and found[0] is tail:
            del self._tails[source]
            found[1].cancel()


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("%s ended", task.get_name(), exc_info=error)
