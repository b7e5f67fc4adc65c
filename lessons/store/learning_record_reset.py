"""Has the learner's record made anew where the meaning of stored events has changed."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.store.tables import courses, learning_record_progress, lessons


async def read_lesson_anew(connection: AsyncConnection, tenant_id: str, lesson_id: str) -> None:
    """Have one lesson's events read from the first one on: its course changed."""
    await _mark(connection, tenant_id, lessons.c.id == lesson_id)


async def read_course_anew(connection: AsyncConnection, tenant_id: str, course_id: str) -> None:
    """Have the events of a course's lessons read from the first one on: its curriculum changed."""
    await _mark(connection, tenant_id, lessons.c.course_id == course_id)


async def read_curriculum_anew(
    connection: AsyncConnection, tenant_id: str, curriculum_id: str
) -> None:
    """Have all lessons on a curriculum read from the first event on: its objectives changed."""
    its_courses = select(courses.c.id).where(
        courses.c.tenant_id == tenant_id, courses.c.curriculum_id == curriculum_id
    )
    await _mark(connection, tenant_id, lessons.c.course_id.in_(its_courses))


async def _mark(connection: AsyncConnection, tenant_id: str, which: ColumnElement[bool]) -> None:
    rows = select(lessons.c.tenant_id, lessons.c.id, literal(0), true()).where(
        lessons.c.tenant_id == tenant_id, which
    )
    statement = insert(learning_record_progress).from_select(
        ["tenant_id", "lesson_id", "sequence", "stale"], rows
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "lesson_id"], set_={"stale": True}
        )
    )
