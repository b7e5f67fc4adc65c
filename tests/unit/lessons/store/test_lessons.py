from __future__ import annotations

import asyncio

import pytest

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Ledger, LessonStore


async def test_a_lesson_is_stored_as_it_was_described(
    lesson_store: LessonStore, tenant_id: str
) -> None:
    created = await lesson_store.create_lesson(
        tenant_id,
        title="Brüche",
        language="de",
        vocabulary=["Nenner", "Zähler"],
        consent_basis="contract",
        sample=True,
    )
    assert created.status == "scheduled"
    assert created.vocabulary == ["Nenner", "Zähler"]
    assert await lesson_store.get_lesson(tenant_id, created.id) == created


@pytest.mark.parametrize("title", ["", "  \n"])
async def test_a_lesson_needs_a_title(
    lesson_store: LessonStore, tenant_id: str, title: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await lesson_store.create_lesson(tenant_id, title=title)
    assert refused.value.field == "title"


async def test_text_that_cannot_be_stored_is_refused(
    lesson_store: LessonStore, tenant_id: str
) -> None:
    with pytest.raises(InvalidInput):
        await lesson_store.create_lesson(tenant_id, title="a\0b")


async def test_lessons_are_listed_newest_first_in_pages(
    lesson_store: LessonStore, tenant_id: str
) -> None:
    made = [await lesson_store.create_lesson(tenant_id, title=str(n)) for n in range(5)]
    first = await lesson_store.list_lessons(tenant_id, limit=3)
    rest = await lesson_store.list_lessons(tenant_id, limit=3, before=first[-1].id)
    assert first + rest == made[::-1]
    with pytest.raises(NotFound):
        await lesson_store.list_lessons(tenant_id, before="les_none")


async def test_starting_and_ending_happen_once_and_are_events(
    lesson_store: LessonStore, ledger: Ledger, lesson: Lesson
) -> None:
    where = (lesson.tenant_id, lesson.id)
    started = [await lesson_store.start_lesson(*where) for _ in range(2)]
    assert started[0] == started[1] == await lesson_store.get_lesson(*where)
    assert started[0].status == "live"
    assert started[0].started_at is not None
    ended = [await lesson_store.end_lesson(*where) for _ in range(2)]
    assert ended[0] == ended[1] == await lesson_store.get_lesson(*where)
    assert ended[0].status == "ended"
    types = [event.type for event in await ledger.read(*where)]
    assert types == ["lesson.started", "lesson.ended"]


async def test_many_may_start_a_lesson_at_once(
    lesson_store: LessonStore, ledger: Ledger, lesson: Lesson
) -> None:
    where = (lesson.tenant_id, lesson.id)
    started = await asyncio.gather(*(lesson_store.start_lesson(*where) for _ in range(8)))
    assert len({lesson.started_at for lesson in started}) == 1
    assert len(await ledger.read(*where)) == 1


async def test_an_ended_lesson_does_not_start_again(
    lesson_store: LessonStore, lesson: Lesson
) -> None:
    await lesson_store.end_lesson(lesson.tenant_id, lesson.id)
    with pytest.raises(Conflict):
        await lesson_store.start_lesson(lesson.tenant_id, lesson.id)


async def test_participants_are_listed_in_the_order_of_adding(
    lesson_store: LessonStore, lesson: Lesson
) -> None:
    where = (lesson.tenant_id, lesson.id)
    tutor = await lesson_store.add_participant(*where, "Tom", Role.INSTRUCTOR, "u-1")
    learner = await lesson_store.add_participant(*where, "Ada", Role.LEARNER)
    assert await lesson_store.list_participants(*where) == [tutor, learner]
    assert await lesson_store.get_participant(*where, tutor.id) == tutor


async def test_an_external_id_is_taken_once_per_lesson(
    lesson_store: LessonStore, lesson: Lesson, tenant_id: str
) -> None:
    other = await lesson_store.create_lesson(tenant_id, title="Another")
    for where in (lesson, other):
        await lesson_store.add_participant(tenant_id, where.id, "Ada", Role.LEARNER, "u-1")
    with pytest.raises(Conflict) as refused:
        await lesson_store.add_participant(tenant_id, lesson.id, "Bea", Role.LEARNER, "u-1")
    assert refused.value.field == "external_id"


async def test_what_is_not_there_is_not_found(
    lesson_store: LessonStore, learner: Participant, tenant_id: str
) -> None:
    other = await lesson_store.create_lesson(tenant_id, title="Another")
    for refused in (
        lesson_store.get_lesson(tenant_id, "les_none"),
        lesson_store.start_lesson(tenant_id, "les_none"),
        lesson_store.end_lesson(tenant_id, "les_none"),
        lesson_store.list_participants(tenant_id, "les_none"),
        lesson_store.add_participant(tenant_id, "les_none", "Ada", Role.LEARNER),
        lesson_store.get_participant(tenant_id, other.id, learner.id),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_a_participant_needs_a_name(lesson_store: LessonStore, lesson: Lesson) -> None:
    with pytest.raises(InvalidInput):
        await lesson_store.add_participant(lesson.tenant_id, lesson.id, " ", Role.LEARNER)
