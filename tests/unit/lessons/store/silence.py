"""A worker's silence, made without waiting for it."""

from __future__ import annotations

from sqlalchemy import text

from lessons.store import Database

_SET_BACK = text(
    "UPDATE ingest_workers SET heartbeat_at = now() - make_interval(secs => :seconds) "
    "WHERE id = :worker_id"
)


async def let_fall_silent(database: Database, worker_id: str, *, seconds: float) -> None:
    """Set a worker's last heartbeat back."""
    async with database.transaction(None) as connection:
        await connection.execute(_SET_BACK, {"seconds": seconds, "worker_id": worker_id})
