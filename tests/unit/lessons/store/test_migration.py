from __future__ import annotations

import asyncio

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from lessons.errors import Unavailable
from lessons.identifiers import new_id
from lessons.store import Database, LessonStore, migrate
from lessons.store.database import sqlalchemy_url
from lessons.store.tables import metadata


def test_the_tables_in_code_are_those_of_the_migrations(database_url: str) -> None:
    engine = create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _is_ours, "compare_type": True}
        )
        differences = [
            change
            for change in compare_metadata(context, metadata)
            if change[0] not in ("remove_index", "remove_constraint", "remove_fk")
        ]
    engine.dispose()
    assert differences == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in metadata.tables


async def test_processes_that_migrate_at_once_agree(database_url: str) -> None:
    name = new_id("fresh")
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute(f"CREATE DATABASE {name}")
    url = database_url.replace("/postgres?", f"/{name}?")
    await asyncio.gather(*(asyncio.to_thread(migrate, url) for _ in range(3)))
    database = Database(url)
    await LessonStore(database).create_lesson("ten_1", title="First")
    await asyncio.to_thread(migrate, url)
    assert len(await LessonStore(database).list_lessons("ten_1")) == 1
    await database.dispose()


async def test_events_beyond_the_partitions_are_kept(database_url: str, tenant_id: str) -> None:
    """A process that outlives its partitions writes to the default one; migrating still works."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute("BEGIN")
        await admin.execute(
            "INSERT INTO learning_events VALUES ('2090-01-15', 'les_1', 1, %s, 'evt_1', "
            "'hand.raised', 1, 'par_1', now(), 0, '{}', '')",
            (tenant_id,),
        )
        found = await admin.execute(
            "SELECT count(*) FROM learning_events_default WHERE tenant_id = %s", (tenant_id,)
        )
        assert await found.fetchone() == (1,)
        await admin.execute("ROLLBACK")


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        migrate("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2")


async def test_who_was_in_lessons_before_there_were_people_becomes_a_person(
    database_url: str,
) -> None:
    """One person for each of the platform's own names, and one for everybody without."""
    name = new_id("before")
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute(f"CREATE DATABASE {name}")
    url = database_url.replace("/postgres?", f"/{name}?")
    await asyncio.to_thread(migrate, url, "0001")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        await admin.execute(_TWO_LESSONS_BEFORE)
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    people = [
        (person.name, person.person_id)
        for lesson in ("les_1", "les_2")
        for person in await LessonStore(database).list_participants("ten_1", lesson)
    ]
    await database.dispose()
    assert [name for name, _ in people] == ["Ada", "Ben", "Ada L.", "Ben"]
    ada, ben, ada_again, other_ben = [person for _, person in people]
    assert ada == ada_again
    assert len({ada, ben, other_ben}) == 3


_TWO_LESSONS_BEFORE = """
INSERT INTO lessons
    (tenant_id, id, title, status, created_at, day, language, vocabulary, sample)
    SELECT 'ten_1', lesson, lesson, 'ended', '2026-11-01', '2026-11-01', 'en', '{}', false
    FROM unnest(ARRAY['les_1', 'les_2']) AS lesson;
INSERT INTO participants (tenant_id, id, lesson_id, name, role, external_id, created_at) VALUES
    ('ten_1', 'par_1', 'les_1', 'Ada', 'learner', 'user-1', '2026-11-01 10:00'),
    ('ten_1', 'par_2', 'les_1', 'Ben', 'learner', NULL, '2026-11-01 10:01'),
    ('ten_1', 'par_3', 'les_2', 'Ada L.', 'learner', 'user-1', '2026-11-02 10:00'),
    ('ten_1', 'par_4', 'les_2', 'Ben', 'learner', NULL, '2026-11-02 10:01');
"""
