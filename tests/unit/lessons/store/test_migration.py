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
