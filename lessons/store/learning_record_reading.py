"""Reads the learner's record: by learner and objective, never by a tenant's history."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import AwareDatetime
from sqlalchemy import Row, Select, and_, func, literal_column, or_, select, true, tuple_
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
from lessons.records import Lesson, Person
from lessons.roles import Role
from lessons.store.database import Database
from lessons.store.evidence_rows import evidence_of
from lessons.store.tables import (
    attendances,
    homework,
    learning_record_progress,
    mastery_weeks,
    objective_evidence,
    objective_records,
    objectives,
    participants,
    people,
    role_assignments,
)
from lessons.store.tables import lessons as lesson_table

LATEST_EVIDENCE = 6
"""Pieces of evidence that come with a record."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """An objective that a lesson covered, with how many learners, and the events that say so."""

    lesson_id: str
    objective_id: str
    learners: int
    evidence: Sequence[Evidence]


@dataclass(frozen=True, slots=True)
class Attended:
    """Who of the learners was seen in a lesson."""

    lesson: Lesson
    person_ids: frozenset[str]


class LearningRecordReader:
    """The reading side of the learner's record; every query is bounded by people and objectives."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person(self, tenant_id: str, person_id: str) -> Person:
        """Return a person; NotFound if the tenant has no such person."""
        query = select(people).where(people.c.tenant_id == tenant_id, people.c.id == person_id)
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotFound(f"There is no learner {person_id!r}.", field="learner_id")
        return Person.model_validate(row)

    async def learners_of(self, lesson: Lesson, limit: int) -> list[Person]:
        """Return the learners of a lesson: who was added to it, and who belongs to its course."""
        added = select(participants.c.person_id).where(
            participants.c.tenant_id == lesson.tenant_id,
            participants.c.lesson_id == lesson.id,
            participants.c.role == Role.LEARNER,
        )
        assigned = _assigned_learners(lesson.tenant_id, lesson.course_id)
        query = (
            select(people)
            .where(
                people.c.tenant_id == lesson.tenant_id,
                people.c.id.in_(added.union(assigned)),
                people.c.erased_at.is_(None),
            )
            .order_by(people.c.name, people.c.id)
            .limit(limit)
        )
        async with self._database.transaction(lesson.tenant_id) as connection:
            return [Person.model_validate(row) for row in await connection.execute(query)]

    async def learners_of_course(
        self, tenant_id: str, course_id: str, limit: int, after: str | None = None
    ) -> list[Person]:
        """Return who learns in a course, by assignment or by its lessons, in order of their ids.

        Args:
            after: id of the last person of the page before this one.
        """
        taught = (
            select(participants.c.person_id)
            .join(
                lesson_table,
                and_(
                    lesson_table.c.tenant_id == participants.c.tenant_id,
                    lesson_table.c.id == participants.c.lesson_id,
                ),
            )
            .where(
                lesson_table.c.tenant_id == tenant_id,
                lesson_table.c.course_id == course_id,
                participants.c.role == Role.LEARNER,
            )
        )
        everybody = taught.union(_assigned_learners(tenant_id, course_id))
        query = (
            select(people)
            .where(
                people.c.tenant_id == tenant_id,
                people.c.id.in_(everybody),
                people.c.id > (after or ""),
                people.c.erased_at.is_(None),
            )
            .order_by(people.c.id)
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            return [Person.model_validate(row) for row in await connection.execute(query)]

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

    async def lessons_attended(
        self, tenant_id: str, person_id: str, since: datetime
    ) -> list[AwareDatetime]:
        """Return when the learner was first seen in each lesson, oldest first."""
        columns = attendances.c
        query = (
            select(columns.first_seen_at)
            .where(
                columns.tenant_id == tenant_id,
                columns.person_id == person_id,
                columns.first_seen_at >= since,
            )
            .order_by(columns.first_seen_at)
        )
        async with self._database.transaction(tenant_id) as connection:
            return list(await connection.scalars(query))

    async def lessons_before(self, lesson: Lesson, limit: int) -> list[Attended]:
        """Return the course's lessons that began before this one, newest first."""
        columns = lesson_table.c
        query = (
            select(lesson_table)
            .where(
                columns.tenant_id == lesson.tenant_id,
                columns.course_id == lesson.course_id,
                columns.id != lesson.id,
                columns.started_at.is_not(None),
                tuple_(columns.created_at, columns.id) < (lesson.created_at, lesson.id),
            )
            .order_by(columns.created_at.desc(), columns.id.desc())
            .limit(limit)
        )
        async with self._database.transaction(lesson.tenant_id) as connection:
            before = [Lesson.model_validate(row) for row in await connection.execute(query)]
            rows = await connection.execute(
                select(attendances.c.lesson_id, attendances.c.person_id).where(
                    attendances.c.tenant_id == lesson.tenant_id,
                    attendances.c.lesson_id.in_([each.id for each in before]),
                )
            )
            seen = rows.all()
        return [
            Attended(each, frozenset(row.person_id for row in seen if row.lesson_id == each.id))
            for each in before
        ]

    async def coverage(self, tenant_id: str, lesson_ids: Collection[str]) -> list[Coverage]:
        """Return what lessons covered; each event counts once however many learners it names."""
        columns = objective_evidence.c
        query = (
            select(objective_evidence)
            .where(
                columns.tenant_id == tenant_id,
                columns.lesson_id.in_(lesson_ids),
                columns.kind == "covered",
            )
            .order_by(columns.lesson_id, columns.sequence)
        )
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        grouped: dict[tuple[str, str], list[Row[tuple[object, ...]]]] = {}
        for row in rows:
            grouped.setdefault((row.lesson_id, row.objective_id), []).append(row)
        return [
            Coverage(
                *key,
                len({row.person_id for row in group}),
                list({row.event_id: evidence_of(row) for row in group}.values()),
            )
            for key, group in grouped.items()
        ]

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


def _assigned_learners(tenant_id: str, course_id: str | None) -> Select[tuple[str]]:
    """Select the persons who hold the role of a learner in a course."""
    columns = role_assignments.c
    return select(columns.person_id).where(
        columns.tenant_id == tenant_id,
        columns.course_id == course_id,
        columns.role == Role.LEARNER,
        columns.ended_at.is_(None),
    )


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
