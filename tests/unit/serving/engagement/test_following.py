"""Who follows which lesson: one process each, another when it goes; none holds up others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import make_url, text

from lessons.errors import Unavailable
from lessons.events import EngagementSignal, EventDraft
from lessons.events.hands import HandRaised
from lessons.identifiers import new_id
from lessons.records import Lesson
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.database import driver_url
from serving.engagement.live_lesson import LiveLesson
from serving.engagement.process import ENGAGEMENT_WORK, open_follower
from serving.following import LessonFollower
from serving.observability.engagement_metrics import EngagementMetrics
from serving.settings import Settings

PATIENCE_SECONDS = 60
_KILL = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
async def url(lone_database: Database, database_url: str) -> str:
    """Of a database in which no other test has lessons."""
    async with lone_database.transaction(None) as connection:
        name = await connection.scalar(text("SELECT current_database()"))
    return make_url(database_url).set(database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def process(settings: Settings, url: str) -> AsyncIterator[LessonFollower]:
    async with open_follower(settings, url, EngagementMetrics()) as follower:
        try:
            yield follower
        finally:
            await follower.leave()


async def begin(database: Database) -> Lesson:
    """Begin a lesson in which a learner does something."""
    lessons, tenant_id = LessonStore(database), new_id("ten")
    lesson = await lessons.create_lesson(tenant_id, title="Fractions")
    ada = await lessons.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER)
    lesson = await lessons.start_lesson(tenant_id, lesson.id)
    await Ledger(database).append(tenant_id, lesson.id, [EventDraft(HandRaised(), None, ada.id)])
    return lesson


async def looking_until(follower: LessonFollower, lesson_ids: set[str]) -> None:
    """Look until these are the lessons that are followed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while set(follower.lessons) != lesson_ids:
            await asyncio.sleep(0.1)
            await follower.look()


async def test_lessons_of_all_tenants_are_shared_and_taken_over(
    lone_database: Database, settings: Settings, url: str
) -> None:
    first, second = await begin(lone_database), await begin(lone_database)
    async with process(settings, url) as one, process(settings, url) as other:
        await one.look()
        await other.look()
        assert set(one.lessons) == {first.id, second.id}
        assert other.lessons == []
        third = await begin(lone_database)
        await other.look()
        await one.look()
        assert other.lessons == [third.id]
        await one.leave()
        await looking_until(other, {first.id, second.id, third.id})


async def test_only_what_is_live_is_followed_and_what_ends_is_put_down(
    lone_database: Database, settings: Settings, url: str
) -> None:
    lessons = LessonStore(lone_database)
    over, going = await begin(lone_database), await begin(lone_database)
    await lessons.end_lesson(over.tenant_id, over.id)
    async with process(settings, url) as follower:
        await follower.look()
        assert follower.lessons == [going.id]
        await lessons.end_lesson(going.tenant_id, going.id)
        await looking_until(follower, set())


async def test_a_lesson_that_is_found_is_told_of_as_its_windows_end(
    lone_database: Database, settings: Settings, url: str
) -> None:
    lesson = await begin(lone_database)
    ledger = Ledger(lone_database)
    async with process(settings, url) as follower, follower.following():
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (
                told := await ledger.read(
                    lesson.tenant_id, lesson.id, types=[EngagementSignal.type]
                )
            ):
                await asyncio.sleep(0.1)
    assert isinstance(told[0].data, EngagementSignal)
    assert told[0].data.end_ms % 5_000 == 0
    assert told[0].lessontimems == told[0].data.end_ms


async def test_claims_that_are_lost_are_noticed_and_won_again(
    lone_database: Database, settings: Settings, url: str
) -> None:
    lesson = await begin(lone_database)
    async with process(settings, url) as follower:
        await follower.look()
        with psycopg.connect(driver_url(url), autocommit=True) as owner:
            owner.execute(_KILL, (ENGAGEMENT_WORK,))
        with pytest.raises(Unavailable):
            await follower.look()
        await follower.leave()
        assert follower.lessons == []
        await looking_until(follower, {lesson.id})


async def test_a_lesson_in_which_something_breaks_is_left_alone_and_others_go_on(
    lone_database: Database,
    settings: Settings,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, sound = await begin(lone_database), await begin(lone_database)
    run = LiveLesson.run

    async def breaking(lesson: LiveLesson) -> None:
        if lesson.lesson_id == broken.id:
            raise ZeroDivisionError
        await run(lesson)

    monkeypatch.setattr(LiveLesson, "run", breaking)
    async with process(settings, url) as follower:
        await follower.look()
        await asyncio.sleep(0)
        with caplog.at_level(logging.ERROR):
            await follower.look()
        assert follower.lessons == [sound.id]
        assert broken.id in caplog.text
