"""Retention: what is older than a tenant keeps it is deleted, whatever kind of data it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import and_, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.events import FAMILIES
from lessons.privacy.holdings import HOLDINGS, Kept, kept_of_family
from lessons.records import Record
from lessons.store.audit import audit_in
from lessons.store.database import Database
from lessons.store.retention_role import work_as_retention
from lessons.store.tables import (
    data_holders,
    learning_events,
    metadata,
    recordings,
    retention_marks,
)
from lessons.store.tables import lessons as lesson_table
from lessons.tenants import Retention

SWEEPER = "retention"
"""The actor of its audit entries: it acts by itself."""

LESSONS_AT_A_TIME = 50
LONGEST_LATENESS = timedelta(days=31)
"""A lesson takes events for at most so long after its end, so it is looked at again until then."""

_NAME_SWEEP = text("SELECT set_config('lectern.sweep_on', :day, true)")


class KindMark(Record):
    """How far retention has come with one kind of data."""

    kind: str
    swept_until: AwareDatetime


class RetentionStore:
    """Deletes what is too old, one tenant at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, today: date, limit: int = 1000) -> list[str]:
        """Return tenants that hold data and have not been swept today."""
        query = select(data_holders.c.tenant_id).order_by(data_holders.c.tenant_id).limit(limit)
        async with self._database.transaction(None) as connection:
            await connection.execute(_NAME_SWEEP, {"day": today.isoformat()})
            return list((await connection.scalars(query)).all())

    async def sweep(
        self, tenant_id: str, retention: Retention, now: datetime | None = None
    ) -> dict[str, int]:
        """Delete everything that the tenant keeps no longer; return how many rows of what.

        Args:
            retention: the tenant's rules.
            now: as of when; the present by default.
        """
        as_of = now or datetime.now(UTC)
        deleted: dict[str, int] = {}
        for kept in Kept:
            days = getattr(retention, kept)
            if days is None:
                continue
            cutoff = as_of - timedelta(days=days)
            await self._sweep_events(tenant_id, kept, cutoff, deleted)
            await self._sweep_tables(tenant_id, kept, cutoff, deleted)
        await self._finish(tenant_id, as_of, deleted)
        return deleted

    async def recordings_before(self, tenant_id: str, cutoff: datetime) -> list[str]:
        """Return ids of the recordings that were uploaded before a moment."""
        query = select(recordings.c.id).where(
            recordings.c.tenant_id == tenant_id, recordings.c.created_at < cutoff
        )
        async with self._database.transaction(tenant_id) as connection:
            return list((await connection.scalars(query)).all())

    async def marks(self, tenant_id: str) -> list[KindMark]:
        """Return how far retention has come with each kind of data."""
        query = (
            select(retention_marks.c.kind, retention_marks.c.swept_until)
            .where(retention_marks.c.tenant_id == tenant_id)
            .order_by(retention_marks.c.kind)
        )
        async with self._database.transaction(tenant_id) as connection:
            return [KindMark.model_validate(row) for row in await connection.execute(query)]

    async def _sweep_events(
        self, tenant_id: str, kept: Kept, cutoff: datetime, deleted: dict[str, int]
    ) -> None:
        types = types_kept(kept)
        after = ""
        while types:
            async with self._database.transaction(tenant_id) as connection:
                await work_as_retention(connection)
                mark = await _mark(connection, tenant_id, kept)
                lessons = await _lessons_over(connection, tenant_id, mark, cutoff, after)
                for lesson_id, day in lessons:
                    count = await _delete_events(connection, lesson_id, day, types, cutoff)
                    deleted[kept] = deleted.get(kept, 0) + count
            if len(lessons) < LESSONS_AT_A_TIME:
                return
            after = lessons[-1][0]

    async def _sweep_tables(
        self, tenant_id: str, kept: Kept, cutoff: datetime, deleted: dict[str, int]
    ) -> None:
        async with self._database.transaction(tenant_id) as connection:
            await work_as_retention(connection)
            for name, holding in HOLDINGS.items():
                if holding.kept is not kept:
                    continue
                table = metadata.tables[name]
                age = func.coalesce(*(table.c[column] for column in holding.age))
                done = await connection.execute(
                    delete(table).where(table.c.tenant_id == tenant_id, age < cutoff)
                )
                deleted[name] = done.rowcount
            statement = insert(retention_marks).values(
                tenant_id=tenant_id, kind=kept.value, swept_until=cutoff
            )
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant_id", "kind"], set_={"swept_until": cutoff}
                )
            )

    async def _finish(self, tenant_id: str, as_of: datetime, deleted: Mapping[str, int]) -> None:
        removed = {name: count for name, count in deleted.items() if count}
        async with self._database.transaction(tenant_id) as connection:
            statement = insert(data_holders).values(tenant_id=tenant_id, swept_on=as_of.date())
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["tenant_id"], set_={"swept_on": as_of.date()}
                )
            )
            if removed:
                await audit_in(connection, tenant_id, SWEEPER, "sweep", "retention", removed)


def types_kept(kept: Kept) -> list[str]:
    """Return the types of events that are kept for as long as one setting says."""
    return [
        data.type
        for family in FAMILIES
        if kept_of_family(family.name) is kept
        for data in family.types
    ]


async def _mark(connection: AsyncConnection, tenant_id: str, kept: Kept) -> datetime | None:
    query = select(retention_marks.c.swept_until).where(
        retention_marks.c.tenant_id == tenant_id, retention_marks.c.kind == kept.value
    )
    return await connection.scalar(query)


async def _lessons_over(
    connection: AsyncConnection,
    tenant_id: str,
    mark: datetime | None,
    cutoff: datetime,
    after: str,
) -> list[tuple[str, date]]:
    """Return ids and days of the next lessons of which something may have become too old."""
    lesson = lesson_table.c
    ended = lesson.ended_at < cutoff
    if mark is not None:
        ended = and_(ended, lesson.ended_at >= min(mark, cutoff) - LONGEST_LATENESS)
    never_ended = and_(
        lesson.ended_at.is_(None), func.coalesce(lesson.started_at, lesson.created_at) < cutoff
    )
    query = (
        select(lesson.id, lesson.day)
        .where(lesson.tenant_id == tenant_id, or_(ended, never_ended), lesson.id > after)
        .order_by(lesson.id)
        .limit(LESSONS_AT_A_TIME)
    )
    return [(row.id, row.day) for row in await connection.execute(query)]


async def _delete_events(
    connection: AsyncConnection, lesson_id: str, day: date, types: list[str], cutoff: datetime
) -> int:
    events = learning_events.c
    statement = delete(learning_events).where(
        events.lesson_day == day,
        events.lesson_id == lesson_id,
        events.type.in_(types),
        events.occurred_at < cutoff,
    )
    return (await connection.execute(statement)).rowcount
