from __future__ import annotations

from datetime import UTC, datetime

import procrastinate
import psycopg
import pytest
from procrastinate.testing import InMemoryConnector

from serving.jobs.upkeep import EVERY_NIGHT, KEEP_PARTITIONS, PartitionUpkeep


def test_it_is_done_every_night() -> None:
    app = procrastinate.App(connector=InMemoryConnector())
    PartitionUpkeep("postgresql://nowhere").register(app)
    ((name, _),) = app.periodic_registry.periodic_tasks
    (task,) = app.periodic_registry.periodic_tasks.values()
    assert (name, task.cron) == (KEEP_PARTITIONS, EVERY_NIGHT)


async def test_it_makes_the_months_ahead(database_url: str) -> None:
    night = datetime(2037, 8, 1, 2, 23, tzinfo=UTC)
    await PartitionUpkeep(database_url).keep(int(night.timestamp()))
    async with await psycopg.AsyncConnection.connect(database_url) as owner:
        found = await owner.execute("SELECT to_regclass('learning_events_2038_08') IS NOT NULL")
        assert await found.fetchone() == (True,)


async def test_a_database_that_is_away_is_only_told(caplog: pytest.LogCaptureFixture) -> None:
    away = PartitionUpkeep("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2")
    await away.keep(0)
    assert "partitions: " in caplog.text
