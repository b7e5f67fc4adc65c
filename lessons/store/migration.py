"""Brings a database up to date: the schema by Alembic, and partitions for the months to come."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from lessons.errors import Unavailable
from lessons.store.database import sqlalchemy_url
from lessons.store.partitions import make_partitions

_MIGRATION_LOCK = 0x1EC7E2
"""Key of the advisory lock that keeps two processes from migrating at once."""


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
            make_partitions(connection, datetime.now(UTC).date())
    except OperationalError as error:
        raise Unavailable(f"The database cannot be migrated: {error.orig}") from error


def _alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
