"""Finds recaps in the ledgers: lessons that have to be seen to, and what there is about a child."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import and_, select

from lessons.events import SummaryCreated
from lessons.recaps.record import RECAP_TYPES, Recap, Recaps
from lessons.records import Lesson
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_of
from lessons.store.tables import learning_events, participants
from lessons.store.tables import lessons as lesson_table

_CAUSES = (SummaryCreated.type, *RECAP_TYPES)
"""Only a lesson that has one of them can have anything to do."""


class RecapStore:
    """Reads recaps; a reader decides who may see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lessons_to_see_to(self, tenant_id: str, lesson_ids: Collection[str]) -> list[str]:
        """Return those lessons that are over and have a summary or recaps."""
        events = learning_events.c
        query = select(lesson_table.c.id).where(
            lesson_table.c.tenant_id == tenant_id,
            lesson_table.c.id.in_(lesson_ids),
            lesson_table.c.status == "ended",
            select(events.event_id)
            .where(
                events.lesson_day == lesson_table.c.day,
                events.lesson_id == lesson_table.c.id,
                events.type.in_(_CAUSES),
            )
            .exists(),
        )
        async with self._database.transaction(tenant_id) as connection:
            return list(await connection.scalars(query))

    async def about(
        self, tenant_id: str, person_id: str, limit: int, before: str | None = None
    ) -> list[tuple[Lesson, Recap | None]]:
        """Return a person's lessons, newest first, each with the recap about the person if any.

        It tells how they stand; lines in others' words are not read.

        Args:
            before: id of the last lesson of the page before this one.
        """
        query = (
            select(lesson_table, participants.c.id.label("participant_id"))
            .join(
                participants,
                and_(
                    participants.c.tenant_id == lesson_table.c.tenant_id,
                    participants.c.lesson_id == lesson_table.c.id,
                ),
            )
            .where(lesson_table.c.tenant_id == tenant_id, participants.c.person_id == person_id)
            .order_by(lesson_table.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(lesson_table.c.id < before)
        events = learning_events.c
        async with self._database.transaction(tenant_id) as connection:
            places = (await connection.execute(query)).all()
            rows = await connection.execute(
                select(*EVENT_COLUMNS)
                .where(
                    events.lesson_day.in_({place.day for place in places}),
                    events.lesson_id.in_([place.id for place in places]),
                    events.type.in_(RECAP_TYPES),
                    events.subject.in_([place.participant_id for place in places]),
                )
                .order_by(events.lesson_id, events.sequence)
            )
            found = await events_of(connection, tenant_id, rows.mappings().all())
        by_lesson: defaultdict[str, Recaps] = defaultdict(Recaps)
        for event in found:
            by_lesson[event.lessonid].take(event)
        return [
            (Lesson.model_validate(place), by_lesson[place.id].of(place.participant_id))
            for place in places
        ]
