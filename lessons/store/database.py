"""Connections to PostgreSQL: one transaction, one tenant."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from lessons.errors import InvalidInput, Unavailable
from lessons.privacy.sealing import MasterKey
from lessons.store.grouped_appends import GroupedAppends
from lessons.store.herald import Herald
from lessons.store.regions import RegionPin
from lessons.store.single_statements import PoolUse, SingleStatements
from lessons.store.subject_keys import KEYRING_OPTION, Keyring

APP_ROLE = "lectern_app"
"""The role in which Lectern works: no login, owns nothing, bound by row-level security."""

_SET_TENANT = text("SELECT set_config('lectern.tenant', :tenant, true)")
_CONNECT_TIMEOUT_SECONDS = 5
_KEEPALIVE_SECONDS = 10
_RESTED_SECONDS = 1.0
_USED_AT = "lectern_used_at"


def sqlalchemy_url(url: str) -> str:
    """Return a `postgres[ql]://` URL with the psycopg driver named, as SQLAlchemy wants it."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def driver_url(url: str) -> str:
    """Return the URL as psycopg itself wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def ping_rested_connections(engine: Engine) -> None:
    """Let a connection be tried before it is used, unless it worked a moment ago.

    SQLAlchemy's own `pool_pre_ping` tries every time: one round trip of each transaction's four.
    """

    def check_in(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT] = time.monotonic()

    def check_out(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get(_USED_AT, 0.0) < _RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # The pool takes another one.

    event.listen(engine, "checkin", check_in)
    event.listen(engine, "checkout", check_out)


class Database:
    """A pool of connections that work as `lectern_app`.

    Args:
        url: `postgresql://...`; the login must be a member of `lectern_app` (`migrate` sees to it).
        pool_size: connections kept; as many again are opened under load.
        master_key: wraps the keys of persons; without one, nothing about a person can be written or
            read.
        pin: holds tenants to their region; without one, a tenant that has a region is refused.

    Attributes:
        keyring: the keys of persons, as this process knows them.
        pin: as given.
        single_statements: the way for statements that are a transaction each.
        herald: tells of commits that they made.
        grouped_appends: the way of ordinary appends.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        master_key: MasterKey | None = None,
        pin: RegionPin | None = None,
    ) -> None:
        self.keyring = Keyring(master_key)
        self.pin = pin or RegionPin()
        connect_args = {
            # From birth, so that no statement on any connection runs as the owner.
            "options": f"-c role={APP_ROLE} -c timezone=UTC",
            "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
            "keepalives_idle": _KEEPALIVE_SECONDS,
        }
        self.single_statements = SingleStatements(driver_url(url), pool_size, connect_args)
        self.herald = Herald(self.single_statements)
        self.grouped_appends = GroupedAppends(self.single_statements, self.herald)
        self._limit = 2 * pool_size
        self._engine = create_async_engine(
            sqlalchemy_url(url),
            execution_options={KEYRING_OPTION: self.keyring},
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            # Else an error's text would quote what was to be stored, and a log with it.
            hide_parameters=True,
            connect_args=connect_args,
        )
        ping_rested_connections(self._engine.sync_engine)

    def pool_use(self) -> PoolUse:
        """Return how busy the connections are; any thread may ask."""
        pool, single = self._engine.sync_engine.pool, self.single_statements.pool_use()
        in_use = pool.checkedout() if isinstance(pool, QueuePool) else 0
        return PoolUse(in_use + single.in_use, self._limit + single.limit, single.waiting)

    @asynccontextmanager
    async def transaction(self, tenant_id: str | None) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees one tenant's rows; None sees no tenant's.

        Raises:
            Unavailable: the database cannot be reached or went away. The transaction may even have
                been committed, so whoever repeats it must repeat it with the same ids.
            InvalidInput: a value cannot be stored, such as text with a NUL character.
            WrongRegion: the tenant is bound to another region than this installation is in.
        """
        try:
            async with self._engine.begin() as connection:
                await connection.execute(_SET_TENANT, {"tenant": tenant_id or ""})
                if tenant_id:
                    await self.pin.require(connection, tenant_id)
                yield connection
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            cause = getattr(error, "orig", None) or error
            raise Unavailable(
                f"The database does not answer: {str(cause).strip()}", retry_after_seconds=2
            ) from error
        except DataError as error:
            raise InvalidInput(f"A value cannot be stored: {str(error.orig).strip()}") from error

    async def dispose(self) -> None:
        """Close every connection."""
        await self.grouped_appends.close()
        await self.herald.close()
        await self.single_statements.close()
        await self._engine.dispose()
