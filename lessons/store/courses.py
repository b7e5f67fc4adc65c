"""Courses: lessons of the same learners on the same objectives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.courses import Course
from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.identifiers import new_id
from lessons.records import Lesson
from lessons.store.curricula import read_curriculum
from lessons.store.database import Database
from lessons.store.learning_record_reset import read_course_anew, read_lesson_anew
from lessons.store.lessons import read_lesson
from lessons.store.tables import courses
from lessons.store.tables import lessons as lesson_table


class CourseStore:
    """Keeps courses, and which lessons belong to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        tenant_id: str,
        *,
        title: str,
        curriculum_id: str | None = None,
        external_id: str | None = None,
    ) -> Course:
        """Store a course.

        Raises:
            InvalidInput: the title is empty.
            NotFound: the tenant has no such curriculum.
            Conflict: the tenant has a course with this `external_id`.
        """
        if not title.strip():
            raise InvalidInput("A course needs a title.", field="title")
        course = Course(
            id=new_id("crs"),
            tenant_id=tenant_id,
            title=title,
            curriculum_id=curriculum_id,
            external_id=external_id,
            created_at=datetime.now(UTC),
        )
        async with self._database.transaction(tenant_id) as connection:
            if curriculum_id is not None:
                await read_curriculum(connection, tenant_id, curriculum_id)
            try:
                await connection.execute(insert(courses).values(course.model_dump()))
            except IntegrityError as error:
                raise Conflict(
                    f"There is a course {external_id!r} already.", field="external_id"
                ) from error
        return course

    async def change(self, tenant_id: str, course_id: str, changes: Mapping[str, object]) -> Course:
        """Change a course's `title`, `curriculum_id` or `archived_at`.

        Another curriculum has the events of the course's lessons read anew.

        Raises:
            NotFound: the tenant has no such course or curriculum.
        """
        async with self._database.transaction(tenant_id) as connection:
            course = await read_course(connection, tenant_id, course_id)
            curriculum_id = changes.get("curriculum_id")
            if isinstance(curriculum_id, str):
                await read_curriculum(connection, tenant_id, curriculum_id)
            if changes:
                row = await connection.execute(
                    update(courses)
                    .where(courses.c.tenant_id == tenant_id, courses.c.id == course_id)
                    .values(**changes)
                    .returning(courses)
                )
                changed = Course.model_validate(row.one())
                if changed.curriculum_id != course.curriculum_id:
                    await read_course_anew(connection, tenant_id, course_id)
                return changed
        return course

    async def get(self, tenant_id: str, course_id: str) -> Course:
        """Return one course; NotFound if the tenant has no such course."""
        async with self._database.transaction(tenant_id) as connection:
            return await read_course(connection, tenant_id, course_id)

    async def list_courses(
        self, tenant_id: str, limit: int = 50, before: str | None = None
    ) -> list[Course]:
        """Return the newest courses, newest first, archived ones included.

        Args:
            before: id of the last course of the page before this one.

        Raises:
            NotFound: there is no course `before`.
        """
        columns = courses.c
        query = (
            select(courses)
            .where(columns.tenant_id == tenant_id)
            .order_by(columns.created_at.desc(), columns.id.desc())
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            if before is not None:
                last = await read_course(connection, tenant_id, before)
                query = query.where(
                    tuple_(columns.created_at, columns.id) < (last.created_at, last.id)
                )
            return [Course.model_validate(row) for row in await connection.execute(query)]

    async def list_lessons(
        self, tenant_id: str, course_id: str, limit: int = 50, before: str | None = None
    ) -> list[Lesson]:
        """Return a course's newest lessons, newest first.

        Args:
            before: id of the last lesson of the page before this one.

        Raises:
            NotFound: there is no such course, or no lesson `before`.
        """
        columns = lesson_table.c
        query = (
            select(lesson_table)
            .where(columns.tenant_id == tenant_id, columns.course_id == course_id)
            .order_by(columns.created_at.desc(), columns.id.desc())
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_course(connection, tenant_id, course_id)
            if before is not None:
                last = await read_lesson(connection, tenant_id, before)
                query = query.where(
                    tuple_(columns.created_at, columns.id) < (last.created_at, last.id)
                )
            return [Lesson.model_validate(row) for row in await connection.execute(query)]

    async def place_lesson(self, tenant_id: str, lesson_id: str, course_id: str | None) -> Lesson:
        """Put a lesson into a course, or into none; its events are read anew.

        Raises:
            NotFound: the tenant has no such lesson or course.
        """
        async with self._database.transaction(tenant_id) as connection:
            lesson = await read_lesson(connection, tenant_id, lesson_id)
            if course_id is not None:
                await read_course(connection, tenant_id, course_id)
            if lesson.course_id == course_id:
                return lesson
            await connection.execute(
                update(lesson_table)
                .where(lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id)
                .values(course_id=course_id)
            )
            await read_lesson_anew(connection, tenant_id, lesson_id)
        return lesson.model_copy(update={"course_id": course_id})


async def read_course(connection: AsyncConnection, tenant_id: str, course_id: str) -> Course:
    """Return one course within a transaction of the caller.

    Raises:
        NotFound: the tenant has no such course.
    """
    query = select(courses).where(courses.c.tenant_id == tenant_id, courses.c.id == course_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no course {course_id!r}.",
            field="course_id",
            fix="List them at GET /v1/courses.",
        )
    return Course.model_validate(row)
