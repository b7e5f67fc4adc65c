"""Writes the learner's record: each lesson's findings once, however often its events are read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.evidence import Finding
from lessons.learning_record import Trace
from lessons.records import Participant
from lessons.store.commits import BEGINNING, Cursor
from lessons.store.database import Database
from lessons.store.learning_record_findings import FindingsBatch, LessonPlace
from lessons.store.learning_record_reset import read_lesson_anew
from lessons.store.learning_record_tracing import Pairs, retrace
from lessons.store.tables import (
    attendances,
    learning_record_cursors,
    learning_record_progress,
    objective_evidence,
    objective_records,
    participants,
    people,
)
from lessons.store.tables import lessons as lesson_table

# Two lessons of one learner must not be written at the same time: each would trace the other's
# evidence without seeing it.
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(hashtextextended('record of ' || :tenant, 0))")

_TRACED_AT_ONCE = 500
"""Records traced anew in one transaction."""


class LearningRecordWriter:
    """The writing side of the learner's record.

    Args:
        trace: makes knowledge of a learner's evidence on an objective.
    """

    def __init__(self, database: Database, trace: Trace) -> None:
        self._database = database
        self._trace = trace

    async def cursor(self, tenant_id: str) -> Cursor:
        """Return how far the tenant's commits have been followed."""
        cursors = learning_record_cursors.c
        query = select(cursors.cursor).where(cursors.tenant_id == tenant_id)
        async with self._database.transaction(tenant_id) as connection:
            found = await connection.scalar(query)
        return BEGINNING if found is None else Cursor.parse(found)

    async def move_cursor(self, tenant_id: str, cursor: Cursor) -> None:
        """Remember how far the tenant's commits have been followed."""
        async with self._database.transaction(tenant_id) as connection:
            await _set_cursor(connection, tenant_id, cursor=str(cursor))

    async def trace_anew(self, tenant_id: str, model_version: str) -> None:
        """Trace all of a tenant's evidence again if that was done by another model's parameters."""
        while not await self._trace_some_anew(tenant_id, model_version):
            pass

    async def _trace_some_anew(self, tenant_id: str, model_version: str) -> bool:
        """Trace some records anew; return whether that was the rest of them."""
        cursors, records = learning_record_cursors.c, objective_records.c
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(_ONE_WRITER, {"tenant": tenant_id})
            held = await connection.scalar(
                select(cursors.model_version).where(cursors.tenant_id == tenant_id)
            )
            if held == model_version:
                return True
            outdated = await connection.execute(
                select(records.person_id, records.objective_id)
                .where(records.tenant_id == tenant_id, records.model_version != model_version)
                .limit(_TRACED_AT_ONCE)
            )
            pairs = {(row.person_id, row.objective_id): None for row in outdated}
            await retrace(connection, tenant_id, pairs, self._trace)
            if len(pairs) < _TRACED_AT_ONCE:
                await _set_cursor(connection, tenant_id, model_version=model_version)
        return len(pairs) < _TRACED_AT_ONCE

    async def read_anew(self, tenant_id: str, lesson_id: str) -> None:
        """Have a lesson read from its first event on: what an earlier event says has changed."""
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson_anew(connection, tenant_id, lesson_id)

    async def stale_lessons(self, tenant_id: str, limit: int = 100) -> list[str]:
        """Return lessons that have to be read anew."""
        progress = learning_record_progress.c
        query = select(progress.lesson_id).where(progress.tenant_id == tenant_id, progress.stale)
        async with self._database.transaction(tenant_id) as connection:
            rows = await connection.scalars(query.order_by(progress.lesson_id).limit(limit))
            return list(rows)

    async def place(self, tenant_id: str, lesson_id: str) -> LessonPlace:
        """Return from where to read a lesson on, and what is known of it by then."""
        async with self._database.transaction(tenant_id) as connection:
            sequence, stale = await _progress(connection, tenant_id, lesson_id)
            course_id = await connection.scalar(
                select(lesson_table.c.course_id).where(
                    lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id
                )
            )
            rows = await connection.execute(
                select(participants).where(
                    participants.c.tenant_id == tenant_id, participants.c.lesson_id == lesson_id
                )
            )
            everybody = {row.id: Participant.model_validate(row) for row in rows}
            seen = await connection.scalars(
                select(attendances.c.person_id).where(
                    attendances.c.tenant_id == tenant_id, attendances.c.lesson_id == lesson_id
                )
            )
            present = set(seen)
        return LessonPlace(
            0 if stale else sequence,
            stale,
            course_id,
            everybody,
            frozenset()
            if stale
            else frozenset(each.id for each in everybody.values() if each.person_id in present),
        )

    async def write(
        self,
        tenant_id: str,
        lesson_id: str,
        place: LessonPlace,
        findings: Iterable[Finding],
        sequence: int,
    ) -> bool:
        """Store what was found in the events after `place` up to `sequence`.

        Returns:
            Whether it was stored; if not, somebody else has read on: ask for the place again.
        """
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(_ONE_WRITER, {"tenant": tenant_id})
            now = await _progress(connection, tenant_id, lesson_id)
            if now != (place.sequence, False) and not (place.stale and now[1]):
                return False
            touched = await _forget_lesson(connection, tenant_id, lesson_id) if place.stale else {}
            there = await _not_erased(connection, tenant_id, place.participants.values())
            batch = FindingsBatch(connection, tenant_id, lesson_id, place)
            touched |= await batch.write(
                [each for each in findings if each.participant_id in there]
            )
            await retrace(connection, tenant_id, touched, self._trace)
            await _advance(connection, tenant_id, lesson_id, sequence)
        return True


async def _set_cursor(connection: AsyncConnection, tenant_id: str, **values: str) -> None:
    statement = insert(learning_record_cursors).values(
        {"tenant_id": tenant_id, "cursor": str(BEGINNING), "model_version": "", **values}
    )
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id"], set_=values)
    )


async def _progress(
    connection: AsyncConnection, tenant_id: str, lesson_id: str
) -> tuple[int, bool]:
    progress = learning_record_progress.c
    row = await connection.execute(
        select(progress.sequence, progress.stale).where(
            progress.tenant_id == tenant_id, progress.lesson_id == lesson_id
        )
    )
    found = row.one_or_none()
    return (0, False) if found is None else (found.sequence, found.stale)


async def _not_erased(
    connection: AsyncConnection, tenant_id: str, everybody: Iterable[Participant]
) -> set[str]:
    """Return the participants whose persons are not erased, and keep it so until commit."""
    in_lesson = {each.id: each.person_id for each in everybody}
    rows = await connection.scalars(
        select(people.c.id)
        .where(
            people.c.tenant_id == tenant_id,
            people.c.id.in_(set(in_lesson.values())),
            people.c.erased_at.is_(None),
        )
        .order_by(people.c.id)
        .with_for_update(read=True, key_share=True)
    )
    there = set(rows)
    return {each for each, person_id in in_lesson.items() if person_id in there}


async def _advance(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, sequence: int
) -> None:
    statement = insert(learning_record_progress).values(
        tenant_id=tenant_id, lesson_id=lesson_id, sequence=sequence, stale=False
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "lesson_id"],
            set_={"sequence": statement.excluded.sequence, "stale": False},
        )
    )


async def _forget_lesson(connection: AsyncConnection, tenant_id: str, lesson_id: str) -> Pairs:
    """Remove what was found in a lesson before; homework stays, its key is the platform's."""
    await connection.execute(
        delete(attendances).where(
            attendances.c.tenant_id == tenant_id, attendances.c.lesson_id == lesson_id
        )
    )
    evidence = objective_evidence.c
    rows = await connection.execute(
        delete(objective_evidence)
        .where(evidence.tenant_id == tenant_id, evidence.lesson_id == lesson_id)
        .returning(evidence.person_id, evidence.objective_id)
    )
    return {(row.person_id, row.objective_id): None for row in rows}
