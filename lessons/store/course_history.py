"""Who learns in a course, when they were there, and what its lessons covered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import Row, Select, and_, select, tuple_

from lessons.errors import NotFound
from lessons.learning_record import Evidence
from lessons.records import Lesson, Person
from lessons.roles import Role
from lessons.store.database import Database
from lessons.store.evidence_rows import evidence_of
from lessons.store.tables import (
    attendances,
    objective_evidence,
    participants,
    people,
    role_assignments,
)
from lessons.store.tables import lessons as lesson_table


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


class CourseHistory:
    """Reads learners and past lessons, each bounded by a course, a lesson or a person."""

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


def _assigned_learners(tenant_id: str, course_id: str | None) -> Select[tuple[str]]:
    """Select the persons who hold the role of a learner in a course."""
    columns = role_assignments.c
    return select(columns.person_id).where(
        columns.tenant_id == tenant_id,
        columns.course_id == course_id,
        columns.role == Role.LEARNER,
        columns.ended_at.is_(None),
    )
