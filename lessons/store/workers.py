"""Ingest workers: which are there, how busy they are, and what becomes of a lost one's tracks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from lessons.errors import NotFound, Overloaded
from lessons.records import IngestWorkerRecord, Track
from lessons.store.database import Database
from lessons.store.lessons import read_lesson
from lessons.store.tables import ingest_workers, tracks
from lessons.store.tracks import end_lost, has_live_heartbeat

EXPIRY_SECONDS = 15
"""A worker silent for this long is struck off and its tracks are ended."""

_RETRY_WHEN_FULL_SECONDS = 10
_RETRY_WHEN_NONE_SECONDS = 3
_NAME_WORKER = text("SELECT set_config('lectern.worker', :worker_id, true)")


class WorkerStore:
    """The ingest workers of this installation; they belong to no tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, worker_id: str, url: str, capacity_peers: int) -> IngestWorkerRecord:
        """Enter a worker, or enter it again after it was struck off.

        Args:
            worker_id: made by the worker itself with `new_id("wrk")`.
            url: where the gateway reaches its signalling.
            capacity_peers: peers that it is sized for.
        """
        fresh = {
            "url": url,
            "capacity_peers": capacity_peers,
            "peers": 0,
            "load": 0.0,
            "heartbeat_at": func.now(),
            "draining": False,
        }
        statement = (
            insert(ingest_workers)
            .values(id=worker_id, **fresh)
            .on_conflict_do_update(index_elements=["id"], set_=fresh)
            .returning(ingest_workers)
        )
        async with self._database.transaction(None) as connection:
            row = (await connection.execute(statement)).one()
        return IngestWorkerRecord.model_validate(row)

    async def heartbeat(self, worker_id: str, *, peers: int, load: float, draining: bool) -> None:
        """Report a worker as alive; due every two seconds or so.

        Raises:
            NotFound: it was struck off for its silence, and its tracks were ended: register again.
        """
        statement = (
            update(ingest_workers)
            .where(ingest_workers.c.id == worker_id)
            .values(peers=peers, load=load, draining=draining, heartbeat_at=func.now())
            .returning(ingest_workers.c.id)
        )
        async with self._database.transaction(None) as connection:
            if await connection.scalar(statement) is None:
                raise _not_found(worker_id)

    async def least_loaded(self, limit: float, exclude: Collection[str] = ()) -> IngestWorkerRecord:
        """Return the least loaded live worker, with one more peer booked until its next heartbeat.

        Args:
            limit: load in 0..1 from which a worker takes no more peers.
            exclude: ids of workers that were tried already.

        Raises:
            Overloaded: every worker is past the limit, draining or excluded, or none is alive.
        """
        columns = ingest_workers.c
        best = (
            select(columns.id)
            .where(
                has_live_heartbeat(),
                columns.draining.is_(False),
                columns.load < limit,
                columns.id.not_in(exclude),
            )
            .order_by(columns.load, columns.id)
            .limit(1)
            .with_for_update()
            .scalar_subquery()
        )
        booking = (
            update(ingest_workers)
            .where(columns.id == best)
            .values(peers=columns.peers + 1, load=columns.load + 1.0 / columns.capacity_peers)
            .returning(ingest_workers)
        )
        async with self._database.transaction(None) as connection:
            row = (await connection.execute(booking)).one_or_none()
            if row is None:
                alive = await connection.scalar(
                    select(func.count()).select_from(ingest_workers).where(has_live_heartbeat())
                )
                raise _nowhere_to_go(bool(alive))
        return IngestWorkerRecord.model_validate(row)

    async def get(self, worker_id: str) -> IngestWorkerRecord:
        """Return one worker.

        Raises:
            NotFound: there is none, or none any more.
        """
        query = select(ingest_workers).where(ingest_workers.c.id == worker_id)
        async with self._database.transaction(None) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise _not_found(worker_id)
        return IngestWorkerRecord.model_validate(row)

    async def list_workers(self) -> list[IngestWorkerRecord]:
        """Return every worker that is entered, oldest first."""
        async with self._database.transaction(None) as connection:
            rows = await connection.execute(select(ingest_workers).order_by(ingest_workers.c.id))
            return [IngestWorkerRecord.model_validate(row) for row in rows]

    async def remove(self, worker_id: str) -> None:
        """Strike a worker off and end the tracks that it still has; unknown ones are fine."""
        async with self._database.transaction(None) as connection:
            last_seen = await connection.scalar(
                select(ingest_workers.c.heartbeat_at).where(ingest_workers.c.id == worker_id)
            )
        if last_seen is not None:
            await self._strike_off(worker_id, last_seen)

    async def expire_dead(self, silence_seconds: float = EXPIRY_SECONDS) -> list[str]:
        """Strike off workers that were silent for so long, end their tracks and return their ids.

        A track ends at the moment of its worker's last heartbeat. Any process may call this. No
        silence counts from before the database's own start: nobody can report to one that is down.
        """
        heard = func.greatest(ingest_workers.c.heartbeat_at, func.pg_postmaster_start_time())
        query = select(ingest_workers.c.id, ingest_workers.c.heartbeat_at).where(
            func.now() - heard > func.make_interval(0, 0, 0, 0, 0, 0, silence_seconds)
        )
        async with self._database.transaction(None) as connection:
            dead = (await connection.execute(query)).all()
        for worker_id, last_seen in dead:
            await self._strike_off(worker_id, last_seen)
        return [worker_id for worker_id, _ in dead]

    async def _strike_off(self, worker_id: str, last_seen: datetime) -> None:
        # The row goes last: if this process dies on the way, the next one starts over.
        async with self._database.transaction(None) as connection:
            await connection.execute(_NAME_WORKER, {"worker_id": worker_id})
            held = await connection.execute(
                select(tracks.c.tenant_id, tracks.c.lesson_id, tracks.c.participant_id)
                .where(tracks.c.worker_id == worker_id, tracks.c.ended_at_ms.is_(None))
                .distinct()
            )
            publishers = held.all()
        for tenant_id, lesson_id, participant_id in publishers:
            await self._end_lost(tenant_id, lesson_id, participant_id, worker_id, last_seen)
        async with self._database.transaction(None) as connection:
            await connection.execute(
                delete(ingest_workers).where(
                    ingest_workers.c.id == worker_id, ingest_workers.c.heartbeat_at == last_seen
                )
            )

    async def _end_lost(
        self,
        tenant_id: str,
        lesson_id: str,
        participant_id: str,
        worker_id: str,
        last_seen: datetime,
    ) -> None:
        query = select(tracks).where(
            tracks.c.tenant_id == tenant_id,
            tracks.c.lesson_id == lesson_id,
            tracks.c.participant_id == participant_id,
            tracks.c.worker_id == worker_id,
            tracks.c.ended_at_ms.is_(None),
        )
        async with self._database.transaction(tenant_id) as connection:
            lesson = await read_lesson(connection, tenant_id, lesson_id, lock=True)
            lost = [Track.model_validate(row) for row in await connection.execute(query)]
            if lost:
                seen_after = last_seen - (lesson.started_at or lesson.created_at)
                ended_at_ms = max(0, round(seen_after.total_seconds() * 1000))
                await end_lost(connection, tenant_id, lost, ended_at_ms)


def _not_found(worker_id: str) -> NotFound:
    return NotFound(f"There is no ingest worker {worker_id!r}.", field="worker_id")


def _nowhere_to_go(any_alive: bool) -> Overloaded:
    if any_alive:
        return Overloaded(
            "Every ingest worker is full or draining.",
            fix="Try again later, or start more ingest workers.",
            retry_after_seconds=_RETRY_WHEN_FULL_SECONDS,
        )
    return Overloaded(
        "No ingest worker is running.",
        fix="Start one with `lectern ingest`.",
        retry_after_seconds=_RETRY_WHEN_NONE_SECONDS,
    )
