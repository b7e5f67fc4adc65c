"""One way to the record for every process: with the installation's master key and its region."""

from __future__ import annotations

from lessons.store import Database
from lessons.store.regions import RegionPin
from serving.settings import Settings


def open_database(settings: Settings, database_url: str) -> Database:
    """Return a pool of connections; dispose of it at the end."""
    return Database(
        database_url,
        master_key=settings.sealing_key(),
        pin=RegionPin(settings.region, settings.models_region or settings.region),
    )
