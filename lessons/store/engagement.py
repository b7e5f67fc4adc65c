"""Reads what was inferred about learners out of a lesson's ledger."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.events import LearningEvent
from lessons.store.appending import lesson_not_found
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_of
from lessons.store.tables import learning_events
from lessons.store.tables import lessons as lesson_table

MOST_EVENTS = 20_000
"""Of one reading; a lesson of 30 learners makes about 4,000 signals in an hour."""


class EngagementStore:
    """Reads events of some types, of one learner or since some time; a reader decides who may."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def events(
        self,
        tenant_id: str,
        lesson_id: str,
        types: Collection[str],
        *,
        since_ms: int = 0,
        always: Collection[str] = (),
        also: Collection[str] = (),
        subject: str | None = None,
    ) -> list[LearningEvent]:
        """Return events in the order of the ledger, the newest 20,000 at most.

        Args:
            since_ms: those of `types` are left out where they are older on the lesson clock.
            always: types that are read however old they are.
            also: ids of events that are read in any case.
            subject: only what is this participant's.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        events = learning_events.c
        recent = events.type.in_(types) & (events.lesson_time_ms >= since_ms)
        query = (
            select(*EVENT_COLUMNS)
            .join(
                lesson_table,
                (lesson_table.c.day == events.lesson_day) & (lesson_table.c.id == events.lesson_id),
            )
            .where(lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id)
            .where(recent | events.type.in_(always) | events.event_id.in_(also))
            .order_by(events.sequence.desc())
            .limit(MOST_EVENTS)
        )
        if subject is not None:
            query = query.where(events.subject == subject)
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                await self._require(connection, tenant_id, lesson_id)
            return await events_of(connection, tenant_id, rows[::-1])

    async def _require(self, connection: AsyncConnection, tenant_id: str, lesson_id: str) -> None:
        query = select(lesson_table.c.id).where(
            lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id
        )
        if await connection.scalar(query) is None:
            raise lesson_not_found(lesson_id)
