"""Brings a database up to date: the schema by Alembic, and partitions for the months to come."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.pool import NullPool

from lessons.errors import Unavailable
from lessons.store.database import sqlalchemy_url

_MIGRATION_LOCK = 0x1EC7E2
"""Key of the advisory lock that keeps two processes from migrating at once."""

_MONTHS_AHEAD = 12
_DEFAULT_PARTITION = "learning_events_default"


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to the newest schema; safe to repeat and to run in parallel.

    The login needs the rights to create tables and, the first time, the role `lectern_app`.

    Args:
        revision: a schema older than the newest, to see what the later migrations do with data.

    Raises:
        Unavailable: the database cannot be reached.
    """
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            command.upgrade(_alembic_config(connection), revision)
            _make_partitions(connection, datetime.now(UTC).date())
    except OperationalError as error:
        raise Unavailable(f"The database cannot be migrated: {error.orig}") from error


def _alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _make_partitions(connection: Connection, today: date) -> None:
    """Make the ledger's monthly partitions, and one for whatever lies outside of them.

    Should a process outlive the months made here, events go to the default partition rather than
    being refused; such a month then stays there.
    """
    _make_partition(connection, _DEFAULT_PARTITION, "DEFAULT")
    for offset in range(_MONTHS_AHEAD + 1):
        first, after = _month(today, offset), _month(today, offset + 1)
        bounds = f"FOR VALUES FROM ('{first}') TO ('{after}')"
        with suppress(IntegrityError), connection.begin_nested():  # the default holds such rows
            _make_partition(connection, f"learning_events_{first:%Y_%m}", bounds)


def _make_partition(connection: Connection, name: str, bounds: str) -> None:
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is not None:
        return
    connection.execute(text(f"CREATE TABLE {name} PARTITION OF learning_events {bounds}"))
    # Only the parent has policies and grants, so a partition cannot be read around them.
    connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
    connection.execute(text(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"))


def _month(today: date, offset: int) -> date:
    """Return the first day of the month `offset` months after today's."""
    months = today.year * 12 + today.month - 1 + offset
    return date(months // 12, months % 12 + 1, 1)
