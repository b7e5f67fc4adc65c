"""The part of the jobs process that delivers webhooks: the relay, and a worker of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import procrastinate

from integrations.address_guard import AddressGuard
from integrations.webhooks.sender import WebhookSender
from lessons.store import Database, LiveFeed
from serving.jobs.clock import Clock, now_utc
from serving.jobs.queue import (
    DELIVER_WEBHOOK,
    RELAY_WEBHOOKS,
    TELL_OF_DISABLED_WEBHOOK,
    WEBHOOK_QUEUE,
    JobQueue,
)
from serving.jobs.queue_workers import POLL_SECONDS, working_on
from serving.jobs.webhook_notices import WebhookNotices
from serving.jobs.webhook_relay import WebhookRelay
from serving.jobs.webhooks import WebhookDelivery
from serving.mail import open_mailer
from serving.observability.jobs_metrics import JobsMetrics
from serving.settings import Settings

CONCURRENT_WEBHOOKS = 32
"""They wait for receivers most of the time."""


RETRY_MAIL = procrastinate.RetryStrategy(max_attempts=12, exponential_wait=3)
"""Waits 3, 9, 27 ... seconds: about three days in all."""


@dataclass(frozen=True, slots=True)
class WebhookWork:
    """What webhooks are delivered with."""

    relay: WebhookRelay
    delivery: WebhookDelivery
    notices: WebhookNotices

    def register(self, app: procrastinate.App) -> None:
        """Bind the tasks of webhooks to this."""
        app.task(name=DELIVER_WEBHOOK, queue=WEBHOOK_QUEUE)(self.delivery.deliver)
        app.task(name=RELAY_WEBHOOKS)(self.relay.relay)
        app.task(name=TELL_OF_DISABLED_WEBHOOK, retry=RETRY_MAIL)(
            self.notices.tell_of_disabled_webhook
        )

    @asynccontextmanager
    async def working(
        self, app: procrastinate.App, poll_seconds: float = POLL_SECONDS
    ) -> AsyncIterator[None]:
        """Relay and deliver while the block runs."""
        worker = working_on(
            app, WEBHOOK_QUEUE, concurrency=CONCURRENT_WEBHOOKS, poll_seconds=poll_seconds
        )
        async with worker, self.relay.relaying():
            yield


@asynccontextmanager
async def open_webhook_work(
    settings: Settings,
    database_url: str,
    database: Database,
    feed: LiveFeed,
    clock: Clock = now_utc,
    metrics: JobsMetrics | None = None,
) -> AsyncIterator[WebhookWork]:
    """Open what webhooks are delivered with; close it at the end."""
    guard = AddressGuard(settings.webhook_allowed_networks)
    async with JobQueue(database_url) as queue, WebhookSender(guard) as sender:
        yield WebhookWork(
            WebhookRelay(database, feed, queue, clock),
            WebhookDelivery(database, sender, queue, clock, metrics or JobsMetrics()),
            WebhookNotices(database, open_mailer(settings), settings.public_url),
        )
