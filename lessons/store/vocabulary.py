"""Gathers what a lesson's own words are taken from, in one transaction and from bounded reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.events import CaptionCorrected, CaptionFinal, LearningEvent
from lessons.events.content import ContentOpened
from lessons.events.lesson_plan import LessonPlanItemStarted, ObjectiveCovered
from lessons.privacy.holdings import ERASED_NAME
from lessons.records import Lesson
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_of
from lessons.store.lessons import read_lesson
from lessons.store.named_objectives import NamedObjectives
from lessons.store.tables import courses, learning_events, objectives, participants
from lessons.store.tables import lessons as lesson_table
from lessons.vocabulary import Correction, Material

MATERIAL_TYPES = (LessonPlanItemStarted.type, ObjectiveCovered.type, ContentOpened.type)
"""Events whose texts and objectives tell what a lesson is about."""

MOST_EVENTS = 300
"""Newest events of the lesson that are read: every learner who opens a slide is one."""
MOST_CORRECTIONS = 100
"""Newest corrections that are read, over all the lessons that are looked at."""
COURSE_LESSONS = 10
"""Newest lessons of the course whose corrections are read."""
MOST_OBJECTIVES = 100
MOST_NAMES = 200


class VocabularyStore:
    """Reads the texts that a lesson's own words are taken from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def material(self, tenant_id: str, lesson_id: str) -> Material:
        """Return the lesson's texts as they stand, each kind newest first.

        Raises:
            NotFound: the tenant has no such lesson.
            Unavailable: the database is away.
        """
        async with self._database.transaction(tenant_id) as connection:
            lesson = await read_lesson(connection, tenant_id, lesson_id)
            told = await _told(connection, lesson)
            named = await _named_objectives(connection, lesson, told)
            return Material(
                language=lesson.language,
                explicit=tuple(lesson.vocabulary),
                corrections=await _corrections(connection, lesson),
                plan=(*_titles(told), *named.values(), lesson.title),
                content=_contents(told),
                objectives=await _other_objectives(connection, lesson, named),
                names=await _names(connection, lesson),
            )


async def _told(connection: AsyncConnection, lesson: Lesson) -> list[LearningEvent]:
    """Return the newest events that tell what the lesson is about, newest first."""
    query = (
        select(*EVENT_COLUMNS)
        .join(lesson_table, _in_lesson())
        .where(_own(lesson), _of_types("material_types", MATERIAL_TYPES))
        .order_by(learning_events.c.sequence.desc())
        .limit(MOST_EVENTS)
    )
    return await _events(connection, lesson, query)


async def _corrections(connection: AsyncConnection, lesson: Lesson) -> tuple[Correction, ...]:
    """Return the newest corrections in the lesson and the last ones of its course."""
    looked_at = await _lessons_of_course(connection, lesson)
    columns = learning_events.c
    place = tuple_(columns.lesson_day, columns.lesson_id)
    query = (
        select(*EVENT_COLUMNS)
        .where(place.in_(looked_at), _of_types("correction_types", (CaptionCorrected.type,)))
        .order_by(columns.lesson_day.desc(), columns.lesson_id.desc(), columns.sequence.desc())
        .limit(MOST_CORRECTIONS)
    )
    latest: dict[str, CaptionCorrected] = {}
    for event in await _events(connection, lesson, query):
        if isinstance(event.data, CaptionCorrected):
            latest.setdefault(event.data.caption_id, event.data)
    if not latest:
        return ()
    heard = await _heard(connection, lesson, looked_at, latest)
    return tuple(
        Correction(heard[caption_id], correction.text)
        for caption_id, correction in latest.items()
        if caption_id in heard
    )


async def _lessons_of_course(
    connection: AsyncConnection, lesson: Lesson
) -> Sequence[tuple[Any, ...]]:
    """Return day and id of the lesson and of the newest ones of its course."""
    columns = lesson_table.c
    own = select(columns.day, columns.id).where(_own(lesson))
    found = {tuple(row) for row in await connection.execute(own)}
    if lesson.course_id is not None:
        newest = (
            select(columns.day, columns.id)
            .where(columns.tenant_id == lesson.tenant_id, columns.course_id == lesson.course_id)
            .order_by(columns.created_at.desc(), columns.id.desc())
            .limit(COURSE_LESSONS)
        )
        found |= {tuple(row) for row in await connection.execute(newest)}
    return sorted(found)


async def _heard(
    connection: AsyncConnection,
    lesson: Lesson,
    looked_at: Sequence[tuple[Any, ...]],
    caption_ids: Collection[str],
) -> dict[str, str]:
    """Return what the engine had heard in these captions: a final's event has its caption's id."""
    columns = learning_events.c
    query = select(*EVENT_COLUMNS).where(
        tuple_(columns.lesson_day, columns.lesson_id).in_(looked_at),
        columns.event_id.in_(caption_ids),
    )
    finals = [event.data for event in await _events(connection, lesson, query)]
    return {data.caption_id: data.text for data in finals if isinstance(data, CaptionFinal)}


async def _named_objectives(
    connection: AsyncConnection, lesson: Lesson, told: Iterable[LearningEvent]
) -> dict[str, str]:
    """Return the statements of the objectives that the events name, by id, newest first."""
    names = list(dict.fromkeys(name for event in told for name in _objective_names(event)))
    found = await NamedObjectives.find(connection, lesson.tenant_id, names, lesson.course_id)
    ids = [each for name in names if (each := found.id_of(name))]
    if not ids:
        return {}
    columns = objectives.c
    rows = await connection.execute(
        select(columns.id, columns.statement).where(
            columns.tenant_id == lesson.tenant_id, columns.id.in_(ids)
        )
    )
    statements = {row.id: row.statement for row in rows}
    return {each: statements[each] for each in dict.fromkeys(ids) if each in statements}


async def _other_objectives(
    connection: AsyncConnection, lesson: Lesson, named: Collection[str]
) -> tuple[str, ...]:
    """Return the statements of what else the lesson's course is about, in its order."""
    if lesson.course_id is None:
        return ()
    columns = objectives.c
    query = (
        select(columns.statement)
        .join(
            courses,
            (courses.c.tenant_id == columns.tenant_id)
            & (courses.c.curriculum_id == columns.curriculum_id),
        )
        .where(
            columns.tenant_id == lesson.tenant_id,
            courses.c.id == lesson.course_id,
            columns.retired_at.is_(None),
            columns.id.not_in(named),
        )
        .order_by(columns.position, columns.id)
        .limit(MOST_OBJECTIVES)
    )
    return tuple(await connection.scalars(query))


async def _names(connection: AsyncConnection, lesson: Lesson) -> tuple[str, ...]:
    columns = participants.c
    query = (
        select(columns.name)
        .where(
            columns.tenant_id == lesson.tenant_id,
            columns.lesson_id == lesson.id,
            columns.name != ERASED_NAME,
        )
        .order_by(columns.created_at.desc(), columns.id.desc())
        .limit(MOST_NAMES)
    )
    return tuple(await connection.scalars(query))


async def _events(
    connection: AsyncConnection, lesson: Lesson, query: Select[Any]
) -> list[LearningEvent]:
    rows = (await connection.execute(query)).mappings().all()
    return await events_of(connection, lesson.tenant_id, rows)


def _in_lesson() -> ColumnElement[bool]:
    """Keep to the events of a lesson; its day names the partition that they lie in."""
    events = learning_events.c
    return (lesson_table.c.day == events.lesson_day) & (lesson_table.c.id == events.lesson_id)


def _own(lesson: Lesson) -> ColumnElement[bool]:
    return (lesson_table.c.tenant_id == lesson.tenant_id) & (lesson_table.c.id == lesson.id)


def _of_types(name: str, types: Sequence[str]) -> ColumnElement[bool]:
    """Keep to events of these types. They stand in the statement, so that their index serves."""
    chosen: BindParameter[list[str]] = bindparam(name, types, expanding=True, literal_execute=True)
    return learning_events.c.type.in_(chosen)


def _titles(told: Iterable[LearningEvent]) -> tuple[str, ...]:
    items = (event.data for event in told if isinstance(event.data, LessonPlanItemStarted))
    return tuple(dict.fromkeys(item.title for item in items))


def _contents(told: Iterable[LearningEvent]) -> tuple[str, ...]:
    """Return what each piece of content says, once: every learner may have opened it."""
    pieces = [event.data for event in told if isinstance(event.data, ContentOpened)]
    texts = (text for piece in pieces for text in (piece.title, piece.text) if text)
    return tuple(dict.fromkeys(texts))


def _objective_names(event: LearningEvent) -> list[str]:
    data = event.data
    if isinstance(data, LessonPlanItemStarted):
        return data.objective_ids
    if isinstance(data, ObjectiveCovered):
        return [data.objective_id]
    if isinstance(data, ContentOpened) and data.objective_id is not None:
        return [data.objective_id]
    return []
