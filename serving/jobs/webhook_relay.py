"""The relay: what commits is put into the lanes of webhooks, and those who deliver are woken."""

from __future__ import annotations

from lessons.store import Database, LiveFeed
from lessons.store.webhook_lanes import WebhookLanes
from serving.jobs.clock import Clock, now_utc
from serving.jobs.commit_relay import CommitRelay
from serving.jobs.queue import JobQueue

FOLLOWER = "webhooks"
REST_SECONDS = 0.05
"""Between two looks; what commits meanwhile goes together."""


class WebhookRelay(CommitRelay):
    """Puts what commits into the lanes of webhooks, and wakes those who deliver."""

    def __init__(
        self, database: Database, feed: LiveFeed, queue: JobQueue, clock: Clock = now_utc
    ) -> None:
        super().__init__(database, feed, FOLLOWER, REST_SECONDS)
        self._lanes = WebhookLanes(database)
        self._queue = queue
        self._clock = clock

    async def relay(self, tenant_id: str) -> None:
        """Relay what one tenant committed since the last time."""
        for webhook_id in await self._lanes.relay(tenant_id, self._clock()):
            await self._queue.wake_webhook(tenant_id, webhook_id)
