"""The part of the jobs process that translates captions: a follower, and a worker of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import procrastinate
from cachetools import TTLCache

from lessons.store import Database, LiveFeed
from lessons.store.tenants import TenantStore
from serving.jobs.caption_translations import CaptionTranslations
from serving.jobs.clock import Clock, now_utc
from serving.jobs.commit_relay import CommitRelay
from serving.jobs.queue import TRANSLATE_CAPTIONS, TRANSLATION_QUEUE, JobQueue
from serving.jobs.queue_workers import POLL_SECONDS, working_on
from serving.observability.jobs_metrics import JobsMetrics
from serving.settings import Settings
from serving.translation.client import TranslationClient

FOLLOWER = "translations"
REST_SECONDS = 0.1
"""Between two looks; what commits meanwhile goes together."""

CONCURRENT_LESSONS = 32
"""They wait for the translator most of the time, which puts them together."""

REMEMBERED_TENANTS = 10_000
REMEMBERED_SECONDS = 5.0
"""How long a tenant that translates nothing is not asked again."""


class TranslationRelay(CommitRelay):
    """Wakes those who translate wherever something was committed in a lesson that is translated."""

    def __init__(self, database: Database, feed: LiveFeed, queue: JobQueue) -> None:
        super().__init__(database, feed, FOLLOWER, REST_SECONDS)
        self._tenants = TenantStore(database)
        self._queue = queue
        self._translate: TTLCache[str, bool] = TTLCache(REMEMBERED_TENANTS, REMEMBERED_SECONDS)

    async def relay(self, tenant_id: str) -> None:
        """Wake whoever translates lessons of one tenant."""
        if not await self._translates(tenant_id):
            return
        for lesson_id in await self._commits.lessons_with_news(FOLLOWER, tenant_id):
            await self._queue.wake_translations(tenant_id, lesson_id)

    async def _translates(self, tenant_id: str) -> bool:
        known = self._translate.get(tenant_id)
        if known is None:
            settings = await self._tenants.settings(tenant_id)
            known = self._translate[tenant_id] = bool(settings.caption_translations)
        return known


@dataclass(frozen=True, slots=True)
class TranslationWork:
    """What captions are translated with."""

    relay: TranslationRelay
    captions: CaptionTranslations

    def register(self, app: procrastinate.App) -> None:
        """Bind the task to this."""
        app.task(name=TRANSLATE_CAPTIONS, queue=TRANSLATION_QUEUE)(self.captions.translate)

    @asynccontextmanager
    async def working(
        self, app: procrastinate.App, poll_seconds: float = POLL_SECONDS
    ) -> AsyncIterator[None]:
        """Follow and translate while the block runs."""
        worker = working_on(
            app, TRANSLATION_QUEUE, concurrency=CONCURRENT_LESSONS, poll_seconds=poll_seconds
        )
        async with worker, self.relay.relaying():
            yield


@asynccontextmanager
async def open_translation_work(
    settings: Settings,
    database_url: str,
    database: Database,
    feed: LiveFeed,
    clock: Clock = now_utc,
    metrics: JobsMetrics | None = None,
) -> AsyncIterator[TranslationWork]:
    """Open what captions are translated with; close it at the end."""
    async with JobQueue(database_url) as queue, TranslationClient(settings.models_url) as client:
        captions = CaptionTranslations(database, client, queue, metrics or JobsMetrics(), clock)
        yield TranslationWork(TranslationRelay(database, feed, queue), captions)
