"""The herald: tells every `LiveFeed` of commits, after them and many in one statement.

A NOTIFY inside of the transaction would hold a lock of the whole database until the disk has
answered (PostgreSQL takes it for the order of its queue), and commits of different lessons would
wait for each other. Should this process die between a commit and its notice, readers learn of the
events with the next notice of the lesson, or when their feed next looks by itself.
"""

from __future__ import annotations

import asyncio

from lessons.store.notices import CHANNEL, committed_notice
from lessons.store.single_statements import SingleStatements

REST_SECONDS = 0.02
"""Between two notices: under load each costs as much as an append, and one tells of many."""

_NOTIFY = "SELECT count(pg_notify(%s, notice)) FROM unnest(%s::text[]) AS notice"


class Herald:
    """Tells of the commits of one process.

    Args:
        statements: how it speaks.
    """

    def __init__(self, statements: SingleStatements) -> None:
        self._statements = statements
        self._news: dict[tuple[str, str], int] = {}
        self._telling: asyncio.Task[None] | None = None

    def tell(self, tenant_id: str, lesson_id: str, sequence: int) -> None:
        """Tell that a lesson has events up to `sequence`: at once where nothing was told just now.

        Returns before it is told.
        """
        key = (tenant_id, lesson_id)
        self._news[key] = max(sequence, self._news.get(key, 0))
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell(), name="herald")

    async def close(self) -> None:
        """Tell what there is to tell still."""
        if self._telling is not None:
            await self._telling

    async def _tell(self) -> None:
        while self._news:
            news, self._news = self._news, {}
            notices = [committed_notice(*lesson, last) for lesson, last in news.items()]
            # A failure needs no second try: with the database gone the feeds are gone too, and look
            # by themselves once they are back.
            await self._statements.run(_NOTIFY, (CHANNEL, notices))
            await asyncio.sleep(REST_SECONDS)
