"""Exports a tenant's record: what is new since last time, and without what was erased since."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.events import LearningEvent
from lessons.exports.event_parts import DatedEvent, EventParts
from lessons.exports.layout import Manifest, only_writer, tenant_folder
from lessons.exports.side_tables import SIDE_TABLES, write_side_table
from lessons.exports.views import write_views
from lessons.store.audit import AuditStore
from lessons.store.commits import CommitLog, Cursor
from lessons.store.database import Database
from lessons.store.ledger import Ledger
from lessons.store.tables import lessons as lesson_table
from lessons.store.tables import participants, retention_marks, subject_keys

EVENTS_AT_A_TIME = 1_000
EVENTS_PER_PART = 50_000
ACTOR = "operator"
CLOCK_SLACK = timedelta(minutes=5)
"""How far the clocks of two machines may be apart."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What one run did.

    Attributes:
        folder: the tenant's.
        new_events: events that were not in the export before.
        refreshed_lessons: lessons written anew, for something of theirs was erased.
        events: all that the export holds now.
    """

    folder: Path
    new_events: int
    refreshed_lessons: int
    events: int


class Exporter:
    """Exports tenants of one database.

    Args:
        database: with the master key, for sealed bodies are opened.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._commits = CommitLog(database)
        self._ledger = Ledger(database)

    async def export(
        self, tenant_id: str, folder: Path, on_progress: Callable[[int], None]
    ) -> Exported:
        """Bring a tenant's export up to date. An interrupted one goes on where it was.

        Args:
            folder: where exports lie; the tenant gets a folder of its own in it.
            on_progress: told how many new events have been written.

        Raises:
            Conflict: another process exports into the folder.
            InvalidInput: the folder holds something else.
            Unavailable: the database is away.
        """
        own = tenant_folder(folder, tenant_id)
        with only_writer(own):
            manifest = Manifest.load(own, tenant_id)
            manifest.remove_strays(own)
            await AuditStore(self._database).record(
                tenant_id, ACTOR, "export", "tenant", {"after": manifest.cursor}
            )
            refreshed = await self._forget(own, manifest)
            new = await self._follow(own, manifest, on_progress)
            await self._side_tables(tenant_id, own)
            manifest.remove_strays(own)
            write_views(own)
        return Exported(own, new, refreshed, sum(manifest.parts.values()))

    async def _follow(
        self, folder: Path, manifest: Manifest, on_progress: Callable[[int], None]
    ) -> int:
        """Write what has committed since the manifest's cursor; return how many events."""
        parts, new = EventParts(folder, manifest), 0
        waiting: list[DatedEvent] = []
        cursor, more = Cursor.parse(manifest.cursor), True
        while more:
            page = await self._commits.events(manifest.tenant_id, cursor, EVENTS_AT_A_TIME)
            cursor, more = page.next, page.full
            waiting += await self._dated(manifest.tenant_id, [event for _, event in page.events])
            if len(waiting) >= EVENTS_PER_PART or not more:
                await asyncio.to_thread(parts.add, waiting)
                new += len(waiting)
                waiting = []
                manifest.cursor = str(cursor)
                manifest.save(folder)
                on_progress(new)
        return new

    async def _dated(self, tenant_id: str, events: list[LearningEvent]) -> list[DatedEvent]:
        days = await self._days(tenant_id, {event.lessonid for event in events})
        return [(days[event.lessonid], event) for event in events]

    async def _days(self, tenant_id: str, lesson_ids: Collection[str]) -> dict[str, date]:
        table = lesson_table.c
        query = select(table.id, table.day).where(
            table.tenant_id == tenant_id, table.id.in_(lesson_ids)
        )
        async with self._database.transaction(tenant_id) as connection:
            return {row.id: row.day for row in await connection.execute(query)}

    async def _forget(self, folder: Path, manifest: Manifest) -> int:
        """Write lessons anew of which something was erased or has expired; return how many."""
        tenant_id, now = manifest.tenant_id, datetime.now(UTC)
        async with self._database.transaction(tenant_id) as connection:
            marks = await _marks(connection, tenant_id)
            changed: set[str] = set(
                await connection.scalars(_erased_since(tenant_id, manifest.seen_at))
            )
            for kind, until in marks.items():
                changed |= set(
                    await connection.scalars(
                        _over_between(tenant_id, manifest.swept_until.get(kind), until)
                    )
                )
        parts = EventParts(folder, manifest)
        held = await asyncio.to_thread(parts.without, changed)
        for lesson_id, sequences in held.items():
            events = await self._events(tenant_id, lesson_id, sequences)
            await asyncio.to_thread(parts.add, await self._dated(tenant_id, events))
        manifest.seen_at, manifest.swept_until = now, marks
        manifest.save(folder)
        return len(held)

    async def _events(
        self, tenant_id: str, lesson_id: str, sequences: Collection[int]
    ) -> list[LearningEvent]:
        """Return those events of a lesson, as far as they are there still."""
        events: list[LearningEvent] = []
        after, last = min(sequences) - 1, max(sequences)
        while page := await self._ledger.read(tenant_id, lesson_id, after, EVENTS_AT_A_TIME):
            events += [event for event in page if event.ledgersequence in sequences]
            after = page[-1].ledgersequence
            if after >= last:
                break
        return events

    async def _side_tables(self, tenant_id: str, folder: Path) -> None:
        async with self._database.transaction(tenant_id) as connection:
            for name in SIDE_TABLES:
                await write_side_table(connection, tenant_id, name, folder)


async def _marks(connection: AsyncConnection, tenant_id: str) -> dict[str, datetime]:
    """Return how far retention has come with each kind."""
    table = retention_marks.c
    query = select(table.kind, table.swept_until).where(table.tenant_id == tenant_id)
    return {row.kind: row.swept_until for row in await connection.execute(query)}


def _erased_since(tenant_id: str, since: datetime | None) -> Select[Any]:
    """Return the lessons of the people who were erased; none for an export that begins."""
    earliest = since - CLOCK_SLACK if since else datetime.max.replace(tzinfo=UTC)
    return (
        select(participants.c.lesson_id)
        .join(
            subject_keys,
            (subject_keys.c.tenant_id == participants.c.tenant_id)
            & (subject_keys.c.person_id == participants.c.person_id),
        )
        .where(participants.c.tenant_id == tenant_id, subject_keys.c.destroyed_at >= earliest)
    )


def _over_between(tenant_id: str, after: datetime | None, until: datetime) -> Select[Any]:
    """Return the lessons that came to the end of a retention period."""
    table = lesson_table.c
    query = select(table.id).where(table.tenant_id == tenant_id, table.ended_at <= until)
    return query if after is None else query.where(table.ended_at > after)
