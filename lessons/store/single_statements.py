"""Single statements that are each a transaction of their own, without SQLAlchemy's round trips.

For the hottest path only. Whatever goes wrong here is not told: the caller goes the long way then,
through `Database.transaction`, and learns there what is the matter.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

logger = logging.getLogger(__name__)

WAIT_SECONDS = 2.0
"""How long a statement may wait for a connection before the long way is taken."""

LOCK_WAIT_MILLISECONDS = 50
"""How long a statement may wait for a lock before the long way is taken, which waits longer."""

_LOCK_WAIT = f"-c lock_timeout={LOCK_WAIT_MILLISECONDS}"


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How busy connections are: those in use, the most there may be, and who waits for one."""

    in_use: int
    limit: int
    waiting: int


class SingleStatements:
    """A pool of connections in autocommit mode, opened at first use.

    Args:
        conninfo: the database, as psycopg names it.
        pool_size: most connections.
        connect_args: more arguments of every connection.
    """

    def __init__(self, conninfo: str, pool_size: int, connect_args: dict[str, Any]) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            conninfo,
            kwargs=connect_args
            | {
                "options": f"{connect_args.get('options', '')} {_LOCK_WAIT}",
                "autocommit": True,
                "row_factory": namedtuple_row,
            },
            min_size=1,
            max_size=pool_size,
            open=False,
            timeout=WAIT_SECONDS,
            name="single-statements",
        )

    async def run(self, statement: LiteralString, values: Sequence[Any]) -> Any | None:
        """Run a statement of one row and return the row, a named tuple.

        None where there is no row, and where the statement failed for whatever reason.
        """
        rows = await self.all_rows(statement, values)
        return rows[0] if rows else None

    async def all_rows(
        self, statement: LiteralString, values: Sequence[Any]
    ) -> Sequence[Any] | None:
        """Run a statement and return its rows; None where it failed for whatever reason."""
        try:
            if self._pool.closed:
                await self._pool.open()
            async with self._pool.connection() as connection:
                cursor = await connection.execute(statement, values, prepare=True)
                return await cursor.fetchall()
        except (psycopg.Error, PoolTimeout, TooManyRequests, PoolClosed) as refused:
            logger.debug("a single statement was refused: %s", refused)
            return None

    def pool_use(self) -> PoolUse:
        """Return how busy the connections are; any thread may ask."""
        told = self._pool.get_stats()
        # A pool that is not open yet counts the connections that it is going to have.
        busy = told["pool_size"] - told["pool_available"]
        in_use = 0 if self._pool.closed else max(0, busy)
        return PoolUse(in_use, told["pool_max"], told.get("requests_waiting", 0))

    async def close(self) -> None:
        """Close the connections; nothing runs afterwards."""
        await self._pool.close()
