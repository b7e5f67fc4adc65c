"""Claims on lessons: one process works on a lesson, and another takes over at once when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import AsyncConnection

from lessons.errors import Unavailable
from lessons.store.database import driver_url

_CONNECT_TIMEOUT_SECONDS = 5
_ANSWER_SECONDS = 5.0

_CLAIM = """
SELECT lesson_id FROM unnest(%(lessons)s::text[]) AS lesson_id
WHERE pg_try_advisory_lock(%(work)s, hashtext(lesson_id))
"""
_RELEASE = "SELECT pg_advisory_unlock(%(work)s, hashtext(%(lesson)s))"


class LessonClaims:
    """The lessons that this process works on, as advisory locks of a connection of its own.

    PostgreSQL frees them in the moment in which the connection ends, however it ends; so there is
    no lease to renew, and nothing to clean up after a kill. Two lessons of one hash are one claim:
    whoever has the one gets the other as well.

    Args:
        url: the database's URL.
        work: what is claimed, a number that stands for one kind of work.
    """

    def __init__(self, url: str, work: int) -> None:
        self._url = driver_url(url)
        self._work = work
        self._connection: AsyncConnection[Any] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def claim(self, lesson_ids: Collection[str]) -> list[str]:
        """Return those of the lessons that this process may work on from now on.

        Give no lesson that it has already: what is claimed twice must be released twice.

        Raises:
            Unavailable: the database is away, and with it every claim that this process had.
        """
        rows = await self._run(_CLAIM, {"lessons": list(lesson_ids), "work": self._work})
        return [row[0] for row in rows]

    async def release(self, lesson_id: str) -> None:
        """Leave a lesson to others.

        Raises:
            Unavailable: the database is away, and with it every claim that this process had.
        """
        await self._run(_RELEASE, {"lesson": lesson_id, "work": self._work})

    async def check(self) -> None:
        """Make sure that the claims still stand.

        Raises:
            Unavailable: the database is away, and with it every claim that this process had.
        """
        await self._run("SELECT 1", {})

    async def close(self) -> None:
        """Give every claim back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _run(self, statement: str, parameters: dict[str, object]) -> list[tuple[Any, ...]]:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                if self._connection is None:
                    self._connection = await AsyncConnection.connect(
                        self._url, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_SECONDS
                    )
                cursor = await self._connection.execute(statement, parameters)
                return list(await cursor.fetchall())
        except (psycopg.OperationalError, TimeoutError) as error:
            await self.close()
            raise Unavailable(
                "The database does not answer, so no lesson is claimed.", retry_after_seconds=2
            ) from error
