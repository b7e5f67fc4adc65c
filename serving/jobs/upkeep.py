"""The nightly upkeep of the tables: months ahead are made, emptied ones dropped."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import procrastinate

from lessons.errors import LecternError
from lessons.store.partitions import keep_partitions

logger = logging.getLogger(__name__)

KEEP_PARTITIONS = "lectern:keep_partitions"
EVERY_NIGHT = "23 2 * * *"
"""Crontab, in UTC. However many jobs processes run, one of them does it."""


@dataclass(frozen=True, slots=True)
class PartitionUpkeep:
    """Looks after the partitions of one database.

    Args:
        database_url: of a login that owns the tables.
    """

    database_url: str

    def register(self, app: procrastinate.App) -> None:
        """Let the application's worker do it every night."""
        task = app.task(name=KEEP_PARTITIONS, queueing_lock=KEEP_PARTITIONS)(self.keep)
        app.periodic(cron=EVERY_NIGHT)(task)

    async def keep(self, timestamp: int) -> None:
        """Make and drop partitions as of a time (Unix seconds); what cannot be done is logged."""
        today = datetime.fromtimestamp(timestamp, UTC).date()
        try:
            done = await asyncio.to_thread(keep_partitions, self.database_url, today)
        except LecternError as error:
            logger.warning("partitions: %s", error)
            return
        logger.info("partitions made: %s; dropped: %s", done.made, done.dropped)
