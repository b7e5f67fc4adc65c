"""Finds the lessons of a person of which there is a summary."""

from __future__ import annotations

from sqlalchemy import and_, select

from lessons.events import SummaryCreated
from lessons.store.database import Database
from lessons.store.tables import learning_events, participants
from lessons.store.tables import lessons as lesson_table


class SummarisedLessons:
    """Looks through the ledgers of the lessons that a person was in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_person(self, tenant_id: str, person_id: str) -> list[str]:
        """Return the ids of a person's lessons that are over and were summarised, newest first."""
        events = learning_events.c
        query = (
            select(lesson_table.c.id)
            .join(
                participants,
                and_(
                    participants.c.tenant_id == lesson_table.c.tenant_id,
                    participants.c.lesson_id == lesson_table.c.id,
                ),
            )
            .where(
                lesson_table.c.tenant_id == tenant_id,
                lesson_table.c.status == "ended",
                participants.c.person_id == person_id,
                select(events.event_id)
                .where(
                    events.lesson_day == lesson_table.c.day,
                    events.lesson_id == lesson_table.c.id,
                    events.type == SummaryCreated.type,
                )
                .exists(),
            )
            .order_by(lesson_table.c.id.desc())
            .distinct()
        )
        async with self._database.transaction(tenant_id) as connection:
            return list(await connection.scalars(query))
