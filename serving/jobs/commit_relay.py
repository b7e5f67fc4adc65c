"""Following what commits, for whoever sends it on or learns from it; no tenant holds up another."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from lessons.errors import LecternError, Unavailable
from lessons.store import Database, LiveFeed
from lessons.store.commits import CommitLog
from lessons.store.regions import WrongRegion
from serving.database import wait_for_store

logger = logging.getLogger(__name__)

CHECK_SECONDS = 5.0
"""How often to look without having heard of a commit."""


class CommitRelay(ABC):
    """Relays what commits, and remembers in the store how far it has come.

    Args:
        follower: the name under which that is remembered.
        rest_seconds: between two looks; what commits meanwhile goes together.
    """

    def __init__(
        self, database: Database, feed: LiveFeed, follower: str, rest_seconds: float
    ) -> None:
        self._commits = CommitLog(database)
        self._feed = feed
        self._follower = follower
        self._rest_seconds = rest_seconds

    @abstractmethod
    async def relay(self, tenant_id: str) -> None:
        """Relay what one tenant committed since the last time."""

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        """Relay while the block runs."""
        task = asyncio.create_task(self._run(), name=f"{self._follower}-relay")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def relay_all(self) -> bool:
        """Relay what every tenant committed since the last time; return whether more will come.

        A tenant that cannot be relayed holds up nobody else: one that is bound to another region is
        passed over, any other is tried again the next time.

        Raises:
            Unavailable: the database does not answer.
        """
        news = await self._commits.news(self._follower)
        tried = [await self._relay_one(tenant_id) for tenant_id in news.tenant_ids]
        if all(tried):
            await self._commits.acknowledge(self._follower, news.horizon)
        return news.held_back

    async def _relay_one(self, tenant_id: str) -> bool:
        """Relay one tenant; return whether nothing is left to try again."""
        try:
            await self.relay(tenant_id)
        except WrongRegion as error:
            logger.warning("nothing of tenant %s is sent from here: %s", tenant_id, error)
        except Unavailable:
            raise
        except LecternError:
            logger.exception("the relay to %s cannot read tenant %s", self._follower, tenant_id)
            return False
        return True

    async def _run(self) -> None:
        async with self._feed.subscribe_commits(None) as notices:
            while True:
                try:
                    held_back = await self.relay_all()
                except LecternError as error:
                    await wait_for_store(logger, f"the relay to {self._follower}", error)
                    continue
                await asyncio.sleep(self._rest_seconds)
                if not held_back:
                    with suppress(TimeoutError):  # A notice may be lost.
                        async with asyncio.timeout(CHECK_SECONDS):
                            await anext(notices)
