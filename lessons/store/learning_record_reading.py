"""Reads the learner's record: by learner and objective, never by a tenant's history."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Row, and_, func, literal_column, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotFound
from lessons.learning_record import (
    Evidence,
    Homework,
    KnowledgeRow,
    ObjectiveRecord,
    WeekRow,
)
from lessons.records import Lesson
from lessons.store.database import Database
from lessons.store.evidence_rows import evidence_of
from lessons.store.tables import (
    homework,
    learning_record_progress,
    mastery_weeks,
    objective_evidence,
    objective_records,
    objectives,
)
from lessons.store.tables import lessons as lesson_table

LATEST_EVIDENCE = 6
"""Pieces of evidence that come with a record."""


class LearningRecordReader:
    """The reading side of the learner's record; every query is bounded by people and objectives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def records(
        self,
        tenant_id: str,
        person_ids: Collection[str],
        *,
        curriculum_id: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[ObjectiveRecord]:
        """Return learners' records in the order of the objectives.

        Args:
            curriculum_id: only on objectives of this curriculum.
            after: id of the last objective of the page before this one.

        Raises:
            NotFound: there is no objective `after`.
        """
        records, columns = objective_records.c, objectives.c
        order = (columns.curriculum_id, columns.position, columns.id)
        query = (
            select(objective_records)
            .join(
                objectives,
                and_(columns.tenant_id == records.tenant_id, columns.id == records.objective_id),
            )
            .where(records.tenant_id == tenant_id, records.person_id.in_(person_ids))
            .order_by(*order, records.person_id)
            .limit(limit)
        )
        if curriculum_id is not None:
            query = query.where(columns.curriculum_id == curriculum_id)
        async with self._database.transaction(tenant_id) as connection:
            if after is not None:
                place = select(*order).where(columns.tenant_id == tenant_id, columns.id == after)
                last = (await connection.execute(place)).one_or_none()
                if last is None:
                    raise NotFound(f"There is no objective {after!r}.", field="after")
                query = query.where(tuple_(*order) > tuple(last))
            return [_record(row) for row in await connection.execute(query)]

    async def latest_evidence(
        self, tenant_id: str, person_ids: Collection[str], objective_ids: Collection[str]
    ) -> dict[tuple[str, str], list[Evidence]]:
        """Return the newest evidence by person and objective, newest first."""
        records, evidence = objective_records.c, objective_evidence.c
        newest = (
            select(objective_evidence)
            .where(
                evidence.tenant_id == records.tenant_id,
                evidence.person_id == records.person_id,
                evidence.objective_id == records.objective_id,
            )
            .order_by(evidence.occurred_at.desc(), evidence.sequence.desc())
            .limit(LATEST_EVIDENCE)
            .lateral()
        )
        query = (
            select(newest)
            .select_from(objective_records)
            .join(newest, true())
            .where(
                records.tenant_id == tenant_id,
                records.person_id.in_(person_ids),
                records.objective_id.in_(objective_ids),
            )
        )
        found: dict[tuple[str, str], list[Evidence]] = {}
        async with self._database.transaction(tenant_id) as connection:
            for row in await connection.execute(query):
                key = (row.person_id, row.objective_id)
                found.setdefault(key, []).append(evidence_of(row))
        return found

    async def evidence(
        self,
        tenant_id: str,
        person_id: str,
        objective_id: str,
        limit: int,
        before: tuple[datetime, int, str] | None = None,
    ) -> list[Evidence]:
        """Return a learner's evidence on an objective, newest first.

        Args:
            before: time, sequence and response of the last one of the page before this one.
        """
        columns = objective_evidence.c
        order = (columns.occurred_at, columns.sequence, columns.response)
        query = (
            select(objective_evidence)
            .where(
                columns.tenant_id == tenant_id,
                columns.person_id == person_id,
                columns.objective_id == objective_id,
            )
            .order_by(*(column.desc() for column in order))
            .limit(limit)
        )
        if before is not None:
            query = query.where(tuple_(*order) < before)
        async with self._database.transaction(tenant_id) as connection:
            return [evidence_of(row) for row in await connection.execute(query)]

    async def weeks(
        self,
        tenant_id: str,
        person_id: str,
        objective_ids: Collection[str],
        first: date,
        last: date,
    ) -> dict[str, list[WeekRow]]:
        """Return the weeks in which something was practised, and the last one before `first`."""
        columns = mastery_weeks.c
        mine = and_(
            columns.tenant_id == tenant_id,
            columns.person_id == person_id,
            columns.objective_id.in_(objective_ids),
        )
        within = select(mastery_weeks).where(mine, columns.week.between(first, last))
        before = (
            select(mastery_weeks)
            .where(mine, columns.week < first)
            .ext(distinct_on(columns.objective_id))
            .order_by(columns.objective_id, columns.week.desc())
        )
        found: dict[str, list[WeekRow]] = {}
        async with self._database.transaction(tenant_id) as connection:
            for query in (before, within.order_by(columns.week)):
                for row in await connection.execute(query):
                    week = WeekRow(row.week, row.answers, _knowledge(row))
                    found.setdefault(row.objective_id, []).append(week)
        return found

    async def homework(
        self,
        tenant_id: str,
        person_ids: Collection[str],
        *,
        is_open: bool | None = None,
        course_id: str | None = None,
        limit: int = 100,
        after: tuple[datetime | None, str] | None = None,
    ) -> list[Homework]:
        """Return learners' homework by when it is due, what has no date last.

        Args:
            is_open: whether only what is not done (True) or done (False) is wanted.
            after: due date and id of the last homework of the page before this one.
        """
        columns = homework.c
        query = select(homework).where(
            columns.tenant_id == tenant_id, columns.person_id.in_(person_ids)
        )
        if is_open is not None:
            done = columns.completed_at.is_not(None)
            query = query.where(~done if is_open else done)
        if course_id is not None:
            query = query.where(columns.course_id == course_id)
        due = func.coalesce(columns.due_at, literal_column("'infinity'::timestamptz"))
        if after is not None:
            moment, homework_id = after
            query = query.where(
                and_(columns.due_at.is_(None), columns.homework_id > homework_id)
                if moment is None
                else or_(due > moment, and_(due == moment, columns.homework_id > homework_id))
            )
        query = query.order_by(due, columns.homework_id, columns.person_id).limit(limit)
        async with self._database.transaction(tenant_id) as connection:
            return [Homework.model_validate(row) for row in await connection.execute(query)]

    async def is_current(self, lesson: Lesson) -> bool:
        """Tell whether all events of the lesson's course, as far as they concern it, were read."""
        async with self._database.transaction(lesson.tenant_id) as connection:
            return not await _unread(connection, lesson)


async def _unread(connection: AsyncConnection, lesson: Lesson) -> bool:
    """Tell whether one of the course's latest lessons has events that are not in the record."""
    columns, progress = lesson_table.c, learning_record_progress.c
    latest = (
        select(columns.id, columns.last_sequence)
        .where(
            columns.tenant_id == lesson.tenant_id,
            columns.course_id == lesson.course_id,
        )
        .order_by(columns.created_at.desc(), columns.id.desc())
        .limit(LATEST_EVIDENCE)
        .subquery()
    )
    query = (
        select(latest.c.id)
        .outerjoin(
            learning_record_progress,
            and_(progress.tenant_id == lesson.tenant_id, progress.lesson_id == latest.c.id),
        )
        .where(
            or_(
                latest.c.last_sequence > func.coalesce(progress.sequence, 0),
                func.coalesce(progress.stale, False),
            )
        )
        .limit(1)
    )
    return await connection.scalar(query) is not None


def _knowledge(row: Row[tuple[object, ...]]) -> KnowledgeRow:
    return KnowledgeRow(row.known, row.weights, row.known_at, row.model_version)


def _record(row: Row[tuple[object, ...]]) -> ObjectiveRecord:
    return ObjectiveRecord(
        person_id=row.person_id,
        objective_id=row.objective_id,
        covered=row.covered,
        covered_at=row.covered_at,
        practised=row.practised,
        practised_at=row.practised_at,
        evidence_for=row.evidence_for,
        evidence_against=row.evidence_against,
        knowledge=_knowledge(row),
    )
