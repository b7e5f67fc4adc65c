"""The part of the jobs process that sees to recaps: a follower, and a worker of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import procrastinate

from lessons.store import Database, LiveFeed
from lessons.store.recaps import RecapStore
from serving.jobs.clock import Clock, now_utc
from serving.jobs.commit_relay import CommitRelay
from serving.jobs.queue import RECAP_QUEUE, SEE_TO_RECAPS, JobQueue
from serving.jobs.queue_workers import POLL_SECONDS, working_on
from serving.mail import open_mailer
from serving.recaps.delivery import RecapDelivery
from serving.recaps.keeping import RecapKeeping
from serving.settings import Settings

FOLLOWER = "recaps"
REST_SECONDS = 1.0
"""Between two looks for news; nobody waits for a recap by the second."""

CONCURRENT_LESSONS = 4
"""They wait for the mail server most of the time."""


class RecapRelay(CommitRelay):
    """Has recaps seen to wherever something was committed in a lesson that has a summary."""

    def __init__(self, database: Database, feed: LiveFeed, queue: JobQueue) -> None:
        super().__init__(database, feed, FOLLOWER, REST_SECONDS)
        self._recaps = RecapStore(database)
        self._queue = queue

    async def relay(self, tenant_id: str) -> None:
        """Wake whoever sees to recaps of one tenant."""
        lessons = await self._commits.lessons_with_news(FOLLOWER, tenant_id)
        for lesson_id in await self._recaps.lessons_to_see_to(tenant_id, lessons):
            await self._queue.wake_recaps(tenant_id, lesson_id)


@dataclass(frozen=True, slots=True)
class RecapWork:
    """What recaps are seen to with."""

    relay: RecapRelay
    keeping: RecapKeeping

    def register(self, app: procrastinate.App) -> None:
        """Bind the task to this."""
        app.task(name=SEE_TO_RECAPS, queue=RECAP_QUEUE)(self.keeping.see_to)

    @asynccontextmanager
    async def working(
        self, app: procrastinate.App, poll_seconds: float = POLL_SECONDS
    ) -> AsyncIterator[None]:
        """Follow and see to recaps while the block runs."""
        worker = working_on(
            app, RECAP_QUEUE, concurrency=CONCURRENT_LESSONS, poll_seconds=poll_seconds
        )
        async with worker, self.relay.relaying():
            yield


@asynccontextmanager
async def open_recap_work(
    settings: Settings,
    database_url: str,
    database: Database,
    feed: LiveFeed,
    clock: Clock = now_utc,
) -> AsyncIterator[RecapWork]:
    """Open what recaps are seen to with; close it at the end."""
    async with JobQueue(database_url) as queue:
        delivery = RecapDelivery(database, open_mailer(settings), settings.public_url, clock)
        keeping = RecapKeeping(database, delivery, queue)
        yield RecapWork(RecapRelay(database, feed, queue), keeping)
