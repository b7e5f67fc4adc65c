"""The part of the jobs process that sends captions to Zoom: a follower, and a worker of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import procrastinate

from integrations.address_guard import AddressGuard
from integrations.captions.zoom import ZoomSender
from lessons.store import Database, LiveFeed
from lessons.store.caption_outputs import CaptionOutputStore
from serving.jobs.clock import Clock, now_utc
from serving.jobs.commit_relay import CommitRelay
from serving.jobs.queue import SEND_TO_ZOOM, ZOOM_QUEUE, JobQueue
from serving.jobs.queue_workers import POLL_SECONDS, working_on
from serving.jobs.zoom_captions import PACE_SECONDS, ZoomCaptions
from serving.settings import Settings

FOLLOWER = "zoom"
REST_SECONDS = 0.1
"""Between two looks; what commits meanwhile goes together."""

CONCURRENT_MEETINGS = 64
"""They rest between two lines most of the time."""


class ZoomRelay(CommitRelay):
    """Wakes those who send wherever something was committed in a lesson that has an output."""

    def __init__(self, database: Database, feed: LiveFeed, queue: JobQueue) -> None:
        super().__init__(database, feed, FOLLOWER, REST_SECONDS)
        self._outputs = CaptionOutputStore(database)
        self._queue = queue

    async def relay(self, tenant_id: str) -> None:
        """Wake whoever has something to send of one tenant."""
        for lesson_id in await self._outputs.waiting(tenant_id):
            await self._queue.wake_zoom(tenant_id, lesson_id)


@dataclass(frozen=True, slots=True)
class ZoomWork:
    """What captions are sent to Zoom with."""

    relay: ZoomRelay
    captions: ZoomCaptions

    def register(self, app: procrastinate.App) -> None:
        """Bind the task to this."""
        app.task(name=SEND_TO_ZOOM, queue=ZOOM_QUEUE)(self.captions.send)

    @asynccontextmanager
    async def working(
        self, app: procrastinate.App, poll_seconds: float = POLL_SECONDS
    ) -> AsyncIterator[None]:
        """Follow and send while the block runs."""
        worker = working_on(
            app, ZOOM_QUEUE, concurrency=CONCURRENT_MEETINGS, poll_seconds=poll_seconds
        )
        async with worker, self.relay.relaying():
            yield


@asynccontextmanager
async def open_zoom_work(
    settings: Settings,
    database_url: str,
    database: Database,
    feed: LiveFeed,
    clock: Clock = now_utc,
    *,
    pace_seconds: float = PACE_SECONDS,
) -> AsyncIterator[ZoomWork]:
    """Open what captions are sent with; close it at the end."""
    guard = AddressGuard(settings.webhook_allowed_networks)
    async with JobQueue(database_url) as queue, ZoomSender(guard) as sender:
        captions = ZoomCaptions(database, sender, queue, clock, pace_seconds=pace_seconds)
        yield ZoomWork(ZoomRelay(database, feed, queue), captions)
