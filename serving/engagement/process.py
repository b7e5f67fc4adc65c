"""`lectern engagement`: follows live lessons and tells those who teach what learners are doing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator

from lessons.store import Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.store.lesson_claims import LessonClaims
from lessons.store.live_lessons import LiveLessons
from lessons.store.objectives import ObjectiveStore
from lessons.store.tenants import TenantStore
from models.engagement.baseline import shipped_baseline
from serving.database import open_database
from serving.engagement.client import EngagementClient
from serving.engagement.live_lesson import Clock, EngagementTools, LiveLesson, now_utc
from serving.engagement.ticks import Ticks
from serving.following import LessonFollower
from serving.observability.engagement_metrics import EngagementMetrics
from serving.observability.scraping import showing_metrics
from serving.observability.store_metrics import show_pool
from serving.settings import Settings

logger = logging.getLogger(__name__)

ENGAGEMENT_WORK = 0x1EC7E9
"""Key of the advisory locks by which a lesson is claimed."""


@contextlib.asynccontextmanager
async def open_follower(
    settings: Settings,
    database_url: str,
    metrics: EngagementMetrics,
    clock: Clock = now_utc,
) -> AsyncIterator[LessonFollower]:
    """Open what lessons are followed with, and answer ticks; close it at the end.

    Raises:
        Unavailable: the database does not answer.
    """
    database = open_database(settings, database_url)
    show_pool(metrics.registry, database)
    baseline = shipped_baseline()
    try:
        async with (
            EngagementClient(settings.models_url) as client,
            LessonClaims(database_url, ENGAGEMENT_WORK) as claims,
        ):
            ticks = Ticks(client, baseline, metrics)
            tools = EngagementTools(
                Ledger(database),
                LessonStore(database),
                ConsentStore(database),
                TenantStore(database),
                ObjectiveStore(database),
                ticks,
                client,
                baseline,
                metrics,
                clock,
            )
            async with ticks.ticking():
                yield LessonFollower(
                    LiveLessons(database),
                    claims,
                    lambda lesson: LiveLesson(lesson, tools).run(),
                    metrics.lessons,
                )
    finally:
        await database.dispose()


async def run_engagement(settings: Settings, database_url: str, name: str) -> None:
    """Follow lessons until SIGINT or SIGTERM."""
    metrics, stopped = EngagementMetrics(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with open_follower(settings, database_url, metrics) as follower:
        with showing_metrics(settings, name, metrics.registry):
            async with follower.following():
                logger.info("ready to follow lessons")
                await stopped.wait()
