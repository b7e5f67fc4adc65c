"""The part of the jobs process that writes summaries: a follower, and a worker of its own."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import procrastinate

from lessons.errors import Conflict, NotFound, Unavailable
from lessons.store import Database, LiveFeed
from lessons.store.live_lessons import LiveLessons
from lessons.store.regions import WrongRegion
from serving.jobs.commit_relay import CommitRelay
from serving.jobs.queue import FOLLOW_CONSENT, SUMMARY_QUEUE, WRITE_SUMMARY, JobQueue
from serving.jobs.queue_workers import POLL_SECONDS, working_on
from serving.reading.models import ReadingModels
from serving.settings import Settings
from serving.summaries.lesson_summaries import LessonSummaries
from serving.summaries.rewriting import ConsentFollower
from serving.summaries.standing import WAKING_TYPES
from serving.summaries.writing_room import WritingRoom, tools_of

logger = logging.getLogger(__name__)

FOLLOWER = "summaries"
REST_SECONDS = 1.0
"""Between two looks; what commits meanwhile goes together."""

SETTLE = timedelta(seconds=3)
"""After a lesson's end, or a correction, more of it may come; then one version does for all."""

CONCURRENT_SUMMARIES = 1
"""Reading computes: it must leave the other cores to live lessons."""

TRY_AGAIN = timedelta(seconds=15)
"""Until a summary is tried again for which a model was away, however often."""

RETRY = procrastinate.RetryStrategy(max_attempts=20, linear_wait=5)


class SummaryRelay(CommitRelay):
    """Wakes who writes wherever something that may be told came to a lesson that is not live."""

    def __init__(self, database: Database, feed: LiveFeed, queue: JobQueue) -> None:
        super().__init__(database, feed, FOLLOWER, REST_SECONDS)
        self._live = LiveLessons(database)
        self._queue = queue

    async def relay(self, tenant_id: str) -> None:
        """Wake whoever writes of one tenant's lessons; live ones wait for their end."""
        news = await self._commits.lessons_with_news(FOLLOWER, tenant_id, WAKING_TYPES)
        live = {lesson.id for lesson in await self._live.live(tenant_id, news)}
        for lesson_id in news:
            if lesson_id not in live:
                await self._queue.wake_summary(tenant_id, lesson_id, SETTLE)


@dataclass(frozen=True, slots=True)
class SummaryWork:
    """What summaries are written with, and what has them written anew."""

    relay: SummaryRelay
    summaries: LessonSummaries
    queue: JobQueue
    consents: ConsentFollower

    async def write(self, tenant_id: str, lesson_id: str) -> None:
        """Write the summary of a lesson, as far as one is due."""
        try:
            await self.summaries.write(tenant_id, lesson_id)
        except (NotFound, WrongRegion) as error:
            logger.info("no summary of lesson %s is written here: %s", lesson_id, error)
        except (Conflict, Unavailable) as error:
            # Not by the queue's own retry: it cannot put a job back that is woken meanwhile.
            logger.warning("the summary of lesson %s waits: %s", lesson_id, error)
            await self.queue.wake_summary(tenant_id, lesson_id, TRY_AGAIN)

    def register(self, app: procrastinate.App) -> None:
        """Bind the task to this."""
        app.task(name=WRITE_SUMMARY, queue=SUMMARY_QUEUE, retry=RETRY)(self.write)
        app.task(name=FOLLOW_CONSENT, retry=RETRY)(self.consents.follow)

    @asynccontextmanager
    async def working(
        self, app: procrastinate.App, poll_seconds: float = POLL_SECONDS
    ) -> AsyncIterator[None]:
        """Follow and write while the block runs."""
        worker = working_on(
            app, SUMMARY_QUEUE, concurrency=CONCURRENT_SUMMARIES, poll_seconds=poll_seconds
        )
        async with worker, self.relay.relaying():
            yield


@asynccontextmanager
async def open_summary_work(
    settings: Settings,
    database_url: str,
    database: Database,
    feed: LiveFeed,
    models: ReadingModels | None = None,
) -> AsyncIterator[SummaryWork]:
    """Open what summaries are written with; close it at the end.

    Args:
        models: that lessons are read with; None: those of this process.
    """
    async with JobQueue(database_url) as queue:
        relay = SummaryRelay(database, feed, queue)
        room = WritingRoom(partial(tools_of, settings), models)
        summaries = LessonSummaries(database, room)
        yield SummaryWork(relay, summaries, queue, ConsentFollower(database, queue))
