"""The relay: what commits is put into the lanes of webhooks, and those who deliver are woken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from lessons.errors import LecternError
from lessons.store import Database, LiveFeed, Subscription
from lessons.store.commits import CommitLog
from lessons.store.regions import WrongRegion
from lessons.store.webhook_lanes import WebhookLanes
from serving.database import wait_for_store
from serving.jobs.clock import Clock, now_utc
from serving.jobs.queue import JobQueue

logger = logging.getLogger(__name__)

FOLLOWER = "webhooks"
REST_SECONDS = 0.05
"""Between two looks; what commits meanwhile goes together."""

CHECK_SECONDS = 5.0
"""How often to look without having heard of a commit."""


class WebhookRelay:
    """Puts what commits into the lanes of webhooks, and wakes those who deliver."""

    def __init__(
        self, database: Database, feed: LiveFeed, queue: JobQueue, clock: Clock = now_utc
    ) -> None:
        self._commits = CommitLog(database)
        self._lanes = WebhookLanes(database)
        self._feed = feed
        self._queue = queue
        self._clock = clock

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        """Relay while the block runs."""
        task = asyncio.create_task(self._run(), name="webhook-relay")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        async with self._feed.subscribe_commits(None) as notices:
            while True:
                try:
                    held_back = await self.relay_all()
                except LecternError as error:
                    await wait_for_store(logger, "the relay to webhooks", error)
                    continue
                await asyncio.sleep(REST_SECONDS)
                if not held_back:
                    await _wait(notices)

    async def relay_all(self) -> bool:
        """Relay what every tenant committed since the last time; return whether more will come.

        A tenant that is bound to another region is passed over, so that it holds up nobody else.
        """
        news = await self._commits.news(FOLLOWER)
        for tenant_id in news.tenant_ids:
            try:
                await self.relay(tenant_id)
            except WrongRegion as error:
                logger.warning("nothing of tenant %s is sent from here: %s", tenant_id, error)
        await self._commits.acknowledge(FOLLOWER, news.horizon)
        return news.held_back

    async def relay(self, tenant_id: str) -> None:
        """Relay what one tenant committed since the last time."""
        for webhook_id in await self._lanes.relay(tenant_id, self._clock()):
            await self._queue.wake_webhook(tenant_id, webhook_id)


async def _wait(notices: Subscription) -> None:
    """Wait for a commit, but not forever: a notice may be lost."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CHECK_SECONDS):
            await anext(notices)
