"""Monthly partitions: made ahead of time, and dropped once retention has emptied them.

Every table that is partitioned by a date is looked after, so that none can be forgotten. It is work
for the owner of the tables: the application's role can neither make nor drop any. What retention
takes out of a month it takes tenant by tenant; a month that has nothing left is dropped, and with
it its indexes, its statistics and its part in the planning of every query.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from lessons.errors import NotAllowed, Unavailable
from lessons.store.database import sqlalchemy_url

MONTHS_AHEAD = 12

_PATIENCE = "SET LOCAL lock_timeout = '3s'"
"""Attaching and dropping lock the table: rather another time than with lessons waiting behind."""

_PARTITIONED = text(
    """
    SELECT c.relname FROM pg_partitioned_table AS p
    JOIN pg_class AS c ON c.oid = p.partrelid
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
    WHERE p.partstrat = 'r' AND p.partnatts = 1 AND a.atttypid = 'date'::regtype
    ORDER BY c.relname
    """
)
_KEY = text(
    """
    SELECT a.attname FROM pg_partitioned_table AS p
    JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
    WHERE p.partrelid = CAST(:table AS regclass)
    """
)
_PARTITIONS = text(
    """
    SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = CAST(:table AS regclass) ORDER BY c.relname
    """
)
_EMPTIED = text(
    """
    SELECT pg_relation_size(c.oid) AS bytes, coalesce(s.n_live_tup, 0) AS rows
    FROM pg_class AS c LEFT JOIN pg_stat_all_tables AS s ON s.relid = c.oid
    WHERE c.oid = to_regclass(:name)
    """
)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was done: names of the partitions that were made and that were dropped."""

    made: list[str]
    dropped: list[str]


def keep_partitions(url: str, today: date) -> Upkeep:
    """Make the months ahead and drop those that retention has emptied; safe to repeat.

    Args:
        url: of a login that owns the tables.

    Raises:
        NotAllowed: the login does not own them.
        Unavailable: the database cannot be reached, or was too busy; try again later.
    """
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            made = make_partitions(connection, today)
        return Upkeep(made, _drop_emptied(engine, today))
    except OperationalError as error:
        raise Unavailable(f"The partitions cannot be looked after now: {error.orig}") from error
    except ProgrammingError as error:
        raise NotAllowed(
            f"The partitions cannot be looked after: {error.orig}",
            field="LECTERN_DATABASE_URL",
            fix="Give the jobs process the login that ran `lectern migrate`.",
        ) from error


def make_partitions(connection: Connection, today: date) -> list[str]:
    """Make this month's partition of every table and those of the months ahead; return their names.

    Should nobody have looked after them for longer, rows went to the table's default partition:
    they are moved to where they belong.
    """
    connection.execute(text(_PATIENCE))
    made = []
    for table in connection.scalars(_PARTITIONED).all():
        _make_default(connection, table)
        for first, after in _months(today):
            name = f"{table}_{first:%Y_%m}"
            if not _exists(connection, name):
                _make_month(connection, table, name, first, after)
                made.append(name)
    return made


def _make_default(connection: Connection, table: str) -> None:
    name = f"{table}_default"
    if not _exists(connection, name):
        connection.execute(text(f"CREATE TABLE {name} PARTITION OF {table} DEFAULT"))
        _protect(connection, name)


def _make_month(connection: Connection, table: str, name: str, first: date, after: date) -> None:
    """Make a month apart, fill it with what the default holds of it, and attach it."""
    key = connection.scalar(_KEY, {"table": table})
    bounds = {"first": first, "after": after}
    month = f"{key} >= :first AND {key} < :after"
    connection.execute(text(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)"))
    # Row-level security binds the owner too; until the end of this transaction nobody else is here.
    connection.execute(text(f"LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE"))
    connection.execute(text(f"ALTER TABLE {table}_default NO FORCE ROW LEVEL SECURITY"))
    moved = text(
        f"WITH moved AS (DELETE FROM {table}_default WHERE {month} RETURNING *)"  # noqa: S608
        f" INSERT INTO {name} SELECT * FROM moved"
    )
    connection.execute(moved, bounds)
    connection.execute(text(f"ALTER TABLE {table}_default FORCE ROW LEVEL SECURITY"))
    connection.execute(
        text(
            f"ALTER TABLE {table} ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{first}') TO ('{after}')"
        )
    )
    _protect(connection, name)


def _protect(connection: Connection, name: str) -> None:
    # Only the parent has policies and grants, so a partition cannot be read around them.
    connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
    connection.execute(text(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"))


def _drop_emptied(engine: Engine, today: date) -> list[str]:
    """Drop the months before this one that hold nothing at all; return their names.

    Row-level security may hide rows from the owner, so it is not asked for rows: a month without a
    byte has none.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        past = [name for name in _monthly(connection) if name[-7:] < f"{today:%Y_%m}"]
        for name in past:
            held = connection.execute(_EMPTIED, {"name": name}).one()
            if held.bytes and not held.rows:
                connection.execute(text(f"VACUUM (TRUNCATE) {name}"))
    with engine.begin() as connection:
        connection.execute(text(_PATIENCE))
        return [name for name in past if _drop_if_empty(connection, name)]


def _monthly(connection: Connection) -> list[str]:
    tables = connection.scalars(_PARTITIONED).all()
    return [
        name
        for table in tables
        for name in connection.scalars(_PARTITIONS, {"table": table})
        if name != f"{table}_default"
    ]


def _drop_if_empty(connection: Connection, name: str) -> bool:
    if connection.execute(_EMPTIED, {"name": name}).one().bytes:
        return False
    connection.execute(text(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))
    if connection.execute(_EMPTIED, {"name": name}).one().bytes:  # Somebody was faster.
        return False
    connection.execute(text(f"DROP TABLE {name}"))
    return True


def _exists(connection: Connection, name: str) -> bool:
    return connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is not None


def _months(today: date) -> Iterator[tuple[date, date]]:
    """Yield the first days of this month and its next, and so on for the months ahead."""
    for offset in range(MONTHS_AHEAD + 1):
        yield _month(today, offset), _month(today, offset + 1)


def _month(today: date, offset: int) -> date:
    months = today.year * 12 + today.month - 1 + offset
    return date(months // 12, months % 12 + 1, 1)
