"""Partitions on a database of their own: made ahead, refilled from the default, dropped empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from lessons.errors import NotAllowed, Unavailable
from lessons.identifiers import new_id
from lessons.store import migrate
from lessons.store.partitions import MONTHS_AHEAD, keep_partitions

TODAY = date(2031, 3, 15)


@pytest.fixture(scope="module")
def own_url(database_url: str) -> str:
    """A database whose owner is no superuser, so that row-level security binds it."""
    name = new_id("parts")
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN".encode())
        admin.execute(f"GRANT lectern_app, lectern_retention TO {name} WITH ADMIN OPTION".encode())
        admin.execute(f"CREATE DATABASE {name} OWNER {name}".encode())
    url = make_url(database_url).set(username=name, database=name)
    own = url.render_as_string(hide_password=False)
    migrate(own)
    return own


@pytest.fixture
def owner(own_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(own_url, autocommit=True) as connection:
        yield connection


def _partitions(owner: psycopg.Connection[Any]) -> set[str]:
    rows = owner.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class"
        " ON pg_class.oid = inhrelid WHERE relkind = 'r'"
    ).fetchall()
    return {name for (name,) in rows}


def _store(owner: psycopg.Connection[Any], day: str, tenant_id: str = "ten_1") -> None:
    with owner.transaction():
        owner.execute("SELECT set_config('lectern.tenant', %s, true)", [tenant_id])
        owner.execute(
            "INSERT INTO learning_events (lesson_day, lesson_id, sequence, tenant_id, event_id,"
            " type, version, occurred_at, lesson_time_ms, data, body_digest)"
            " VALUES (%s, %s, 1, %s, 'evt_1', 'poll.opened', 1, now(), 0, '{}', '')",
            [day, new_id("les"), tenant_id],
        )


def _where(owner: psycopg.Connection[Any], tenant_id: str, day: str) -> list[str]:
    with owner.transaction():
        owner.execute("SELECT set_config('lectern.tenant', %s, true)", [tenant_id])
        rows = owner.execute(
            "SELECT tableoid::regclass::text FROM learning_events WHERE lesson_day = %s", [day]
        ).fetchall()
    return [name for (name,) in rows]


def test_months_are_made_ahead_and_once(own_url: str, owner: psycopg.Connection[Any]) -> None:
    keep_partitions(own_url, TODAY)
    assert {"learning_events_2031_03", "learning_events_2032_03"} <= _partitions(owner)
    assert keep_partitions(own_url, TODAY).made == []
    later = keep_partitions(own_url, date(2031, 4, 1))
    assert [name for name in later.made if name.startswith("learning_events")] == [
        "learning_events_2032_04"
    ]
    assert MONTHS_AHEAD == 12


def test_what_the_default_took_is_moved_to_its_month(
    own_url: str, owner: psycopg.Connection[Any]
) -> None:
    _store(owner, "2040-05-09")
    assert _where(owner, "ten_1", "2040-05-09") == ["learning_events_default"]
    keep_partitions(own_url, date(2040, 5, 1))
    assert _where(owner, "ten_1", "2040-05-09") == ["learning_events_2040_05"]


def test_a_month_is_dropped_when_the_last_tenant_let_go(
    own_url: str, owner: psycopg.Connection[Any]
) -> None:
    keep_partitions(own_url, date(2035, 1, 1))
    _store(owner, "2035-01-20", "ten_1")
    _store(owner, "2035-01-20", "ten_2")
    after = date(2035, 2, 10)
    for tenant_id in ("ten_1", "ten_2"):
        assert "learning_events_2035_01" not in keep_partitions(own_url, after).dropped
        with owner.transaction():
            owner.execute("SELECT set_config('lectern.tenant', %s, true)", [tenant_id])
            owner.execute("DELETE FROM learning_events WHERE lesson_day = '2035-01-20'")
    owner.execute("ANALYZE learning_events_2035_01")
    assert "learning_events_2035_01" in keep_partitions(own_url, after).dropped
    assert "learning_events_2035_01" not in _partitions(owner)
    assert "learning_events_2035_02" in _partitions(owner)


def test_a_partition_is_as_closed_as_its_parent(
    own_url: str, owner: psycopg.Connection[Any]
) -> None:
    keep_partitions(own_url, date(2036, 1, 1))
    open_ones = owner.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
    ).fetchall()
    assert open_ones == []


def test_who_does_not_own_the_tables_is_told(database_url: str, own_url: str) -> None:
    stranger = new_id("stranger")
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {stranger} LOGIN".encode())
    url = make_url(own_url).set(username=stranger).render_as_string(hide_password=False)
    with pytest.raises(NotAllowed, match="login that ran"):
        keep_partitions(url, date(2050, 1, 1))


def test_a_busy_table_is_left_for_another_time(
    own_url: str, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lessons.store.partitions._PATIENCE", "SET LOCAL lock_timeout = '50ms'")
    with owner.transaction():
        owner.execute("LOCK TABLE learning_events_default IN SHARE MODE")
        with pytest.raises(Unavailable, match="looked after now"):
            keep_partitions(own_url, date(2060, 1, 1))
    assert "learning_events_2060_01" not in _partitions(owner)
    keep_partitions(own_url, date(2060, 1, 1))
    assert "learning_events_2060_01" in _partitions(owner)
