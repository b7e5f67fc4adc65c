"""Finding the lessons that are live, and claiming them: one process each, another when it dies."""

from __future__ import annotations

import psycopg
import pytest

from lessons.errors import Unavailable
from lessons.events import EventDraft
from lessons.events.hands import HandRaised
from lessons.identifiers import new_id
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.database import driver_url
from lessons.store.lesson_claims import LessonClaims
from lessons.store.live_lessons import LiveLessons
from lessons.store.regions import RegionPin, WrongRegion
from lessons.store.tenants import TenantStore

WORK = 7
_KILL = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND pid <> pg_backend_pid()
"""


async def start(database: Database, tenant_id: str) -> str:
    lessons = LessonStore(database)
    lesson = await lessons.create_lesson(tenant_id, title="Fractions")
    await lessons.start_lesson(tenant_id, lesson.id)
    return lesson.id


async def test_lessons_of_every_tenant_are_found_by_what_they_store(
    lone_database: Database,
) -> None:
    live = LiveLessons(lone_database)
    tenants = [new_id("ten"), new_id("ten")]
    first, second = [await start(lone_database, tenant) for tenant in tenants]
    found = await live.news()
    assert set(found.lessons) == {(tenants[0], first), (tenants[1], second)}
    assert (await live.news(found.mark)).lessons == []
    learner = await LessonStore(lone_database).add_participant(
        tenants[1], second, "Ada", Role.LEARNER
    )
    draft = EventDraft(HandRaised(), None, learner.id)
    await Ledger(lone_database).append(tenants[1], second, [draft])
    assert (await live.news(found.mark)).lessons == [(tenants[1], second)]


async def test_only_the_live_ones_of_a_tenant_are_told(database: Database, tenant_id: str) -> None:
    live, lessons = LiveLessons(database), LessonStore(database)
    going, over = await start(database, tenant_id), await start(database, tenant_id)
    await lessons.end_lesson(tenant_id, over)
    planned = await lessons.create_lesson(tenant_id, title="Later")
    found = await live.live(tenant_id, [going, over, planned.id, "les_unknown"])
    assert [lesson.id for lesson in found] == [going]
    assert await live.live(new_id("ten"), [going]) == []


async def test_lessons_of_another_region_are_refused(
    database: Database, database_url: str, tenant_id: str
) -> None:
    lesson_id = await start(database, tenant_id)
    await TenantStore(database).change(tenant_id, tenant_id, settings={"region": "elsewhere"})
    elsewhere = Database(database_url, pin=RegionPin("here"))
    with pytest.raises(WrongRegion):
        await LiveLessons(elsewhere).live(tenant_id, [lesson_id])
    await elsewhere.dispose()


async def test_a_lesson_is_worked_on_by_one_and_taken_over_when_it_lets_go(
    database_url: str,
) -> None:
    lessons = [new_id("les") for _ in range(3)]
    async with LessonClaims(database_url, WORK) as one, LessonClaims(database_url, WORK) as other:
        assert await one.claim(lessons[:2]) == lessons[:2]
        assert await other.claim(lessons) == lessons[2:]
        await one.release(lessons[0])
        assert await other.claim(lessons[:2]) == lessons[:1]
        await one.close()
        assert await other.claim(lessons[1:2]) == lessons[1:2]


async def test_other_work_on_the_same_lesson_is_another_claim(database_url: str) -> None:
    lesson_id = new_id("les")
    async with (
        LessonClaims(database_url, WORK) as one,
        LessonClaims(database_url, WORK + 1) as other,
    ):
        assert await one.claim([lesson_id]) == await other.claim([lesson_id]) == [lesson_id]


async def test_a_killed_connection_loses_its_claims_and_says_so(database_url: str) -> None:
    lesson_id, work = new_id("les"), 4711
    async with LessonClaims(database_url, work) as one, LessonClaims(database_url, work) as other:
        assert await one.claim([lesson_id]) == [lesson_id]
        await one.check()
        with psycopg.connect(driver_url(database_url), autocommit=True) as owner:
            owner.execute(_KILL, (work,))
        with pytest.raises(Unavailable):
            await one.check()
        assert await other.claim([lesson_id]) == [lesson_id]
        assert await one.claim([lesson_id]) == []
