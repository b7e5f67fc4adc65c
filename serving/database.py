"""One way to the record for every process: with the installation's master key and its region."""

from __future__ import annotations

import asyncio
import logging

from lessons.errors import LecternError
from lessons.store import Database
from lessons.store.regions import RegionPin
from serving.settings import Settings

STORE_RETRY_SECONDS = 1.0


def open_database(settings: Settings, database_url: str) -> Database:
    """Return a pool of connections; dispose of it at the end."""
    return Database(
        database_url,
        master_key=settings.sealing_key(),
        pin=RegionPin(settings.region, settings.models_region or settings.region),
    )


async def wait_for_store(logger: logging.Logger, who: str, error: LecternError) -> None:
    """Say who waits for the store and why, and let a moment pass before the next try."""
    logger.warning("%s waits for the store: %s", who, error)
    await asyncio.sleep(STORE_RETRY_SECONDS)
