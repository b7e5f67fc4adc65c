from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from lessons.errors import NotFound
from lessons.events import EventDraft, HandRaised
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant, RecordingFile
from lessons.store import (
    ApiKeyStore,
    Database,
    Ledger,
    LessonStore,
    RecordingStore,
    TrackStore,
    migrate,
)

TENANT_TABLES = (
    "api_keys",
    "learning_events",
    "lessons",
    "participants",
    "recordings",
    "tracks",
)


@pytest.fixture
async def filled(database: Database, lesson: Lesson, learner: Participant) -> Lesson:
    """A tenant with a row in every table."""
    tenant_id = lesson.tenant_id
    await Ledger(database).append(tenant_id, lesson.id, [EventDraft(HandRaised(), 0, learner.id)])
    await TrackStore(database).claim_track(tenant_id, lesson.id, learner.id, "audio", None, 0)
    files = [RecordingFile(name="a.wav", path="a.wav")]
    await RecordingStore(database).create(tenant_id, lesson.id, files)
    await ApiKeyStore(database).create(tenant_id, "platform")
    return lesson


async def _count(database: Database, tenant_id: str | None, table: str) -> int:
    async with database.transaction(tenant_id) as connection:
        return await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_only_the_tenant_itself_sees_its_rows(
    database: Database, filled: Lesson, table: str
) -> None:
    assert await _count(database, filled.tenant_id, table) > 0
    assert await _count(database, new_id("ten"), table) == 0
    assert await _count(database, None, table) == 0
    assert await _count(database, "", table) == 0


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_before_any_tenant_was_ever_set_nothing_is_visible(
    database_url: str, filled: Lesson, table: str
) -> None:
    del filled
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("SET ROLE lectern_app")
        found = await connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        assert await found.fetchone() == (0,)


async def test_the_stores_know_nothing_of_another_tenants_lesson(
    database: Database, filled: Lesson
) -> None:
    stranger = new_id("ten")
    lessons, ledger = LessonStore(database), Ledger(database)
    assert await lessons.list_lessons(stranger) == []
    for refused in (
        lessons.get_lesson(stranger, filled.id),
        lessons.end_lesson(stranger, filled.id),
        lessons.list_participants(stranger, filled.id),
        ledger.read(stranger, filled.id),
        ledger.append(stranger, filled.id, [EventDraft(HandRaised(), 0, "par_1")]),
        TrackStore(database).list_tracks(stranger, filled.id),
        RecordingStore(database).list_recordings(stranger, filled.id),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_rows_cannot_be_written_for_another_tenant(
    database: Database, filled: Lesson
) -> None:
    statement = text("INSERT INTO api_keys VALUES (:tenant, 'key_x', 'x', ''::bytea, now(), NULL)")
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.transaction(new_id("ten")) as connection:
            await connection.execute(statement, {"tenant": filled.tenant_id})


async def test_rows_cannot_be_moved_to_another_tenant(database: Database, filled: Lesson) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with database.transaction(filled.tenant_id) as connection:
            await connection.execute(text("UPDATE api_keys SET tenant_id = 'ten_other'"))


@pytest.mark.parametrize(
    "statement", ["UPDATE learning_events SET type = 'x'", "DELETE FROM learning_events"]
)
async def test_events_can_be_neither_changed_nor_deleted(
    database: Database, filled: Lesson, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.transaction(filled.tenant_id) as connection:
            await connection.execute(text(statement))


async def test_a_partition_cannot_be_read_around_its_parent(
    database: Database, filled: Lesson
) -> None:
    partition = f"learning_events_{filled.created_at:%Y_%m}"
    with pytest.raises(ProgrammingError, match="permission denied"):
        await _count(database, filled.tenant_id, partition)


async def test_concurrent_tenants_on_one_pool_never_see_each_other(database: Database) -> None:
    async def own_titles(tenant_id: str) -> set[str]:
        store = LessonStore(database)
        for _ in range(3):
            await store.create_lesson(tenant_id, title=tenant_id)
        return {lesson.title for lesson in await store.list_lessons(tenant_id)}

    tenants = [new_id("ten") for _ in range(12)]
    assert await asyncio.gather(*map(own_titles, tenants)) == [{tenant} for tenant in tenants]


async def test_lectern_works_in_a_role_that_owns_nothing(database: Database) -> None:
    async with database.transaction(None) as connection:
        role = (
            await connection.execute(
                text(
                    "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin FROM pg_roles "
                    "WHERE rolname = current_user"
                )
            )
        ).one()
        owned = await connection.scalar(
            text(
                "SELECT count(*) FROM pg_class WHERE relowner = "
                "(SELECT oid FROM pg_roles WHERE rolname = current_user)"
            )
        )
    assert tuple(role) == ("lectern_app", False, False, False)
    assert owned == 0


async def test_every_table_with_a_tenant_forces_row_level_security(database: Database) -> None:
    query = text(
        """
        SELECT relname, relrowsecurity AND relforcerowsecurity AS forced
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE attname = 'tenant_id' AND relkind IN ('r', 'p')
        """
    )
    async with database.transaction(None) as connection:
        tables = {row.relname: row.forced for row in await connection.execute(query)}
    assert set(TENANT_TABLES) <= set(tables)
    assert all(tables.values()), tables


async def test_the_rules_hold_where_the_owner_is_no_superuser(database_url: str) -> None:
    name = new_id("owner")
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute(f"CREATE ROLE {name} LOGIN")
        await admin.execute(f"GRANT lectern_app TO {name}")
        await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
    own_url = database_url.replace("//postgres:@/postgres", f"//{name}:@/{name}")
    assert own_url != database_url
    await asyncio.to_thread(migrate, own_url)
    database = Database(own_url)
    try:
        store, ledger = LessonStore(database), Ledger(database)
        lesson = await store.create_lesson("ten_1", title="Mine")
        started = await store.start_lesson("ten_1", lesson.id)
        assert started.status == "live"
        assert len(await ledger.read("ten_1", lesson.id)) == 1
        with pytest.raises(NotFound):
            await store.get_lesson("ten_2", lesson.id)
    finally:
        await database.dispose()
    async with await psycopg.AsyncConnection.connect(own_url) as owner:
        found = await owner.execute("SELECT count(*) FROM lessons")
        assert await found.fetchone() == (0,)
