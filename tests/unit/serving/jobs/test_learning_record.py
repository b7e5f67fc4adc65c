"""The learner's record follows the ledgers: once, in any pieces, and anew where meanings change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.errors import NotFound
from lessons.events import DATA_TYPES, EventDraft
from lessons.identifiers import new_id
from lessons.learning_record import Evidence, Homework
from lessons.objectives import read_csv
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, LiveFeed
from lessons.store.course_history import CourseHistory
from lessons.store.courses import CourseStore
from lessons.store.curricula import CurriculumStore
from lessons.store.erasure import ErasureStore
from lessons.store.learning_record_reading import LearningRecordReader
from lessons.store.objectives import ObjectiveStore
from models.mastery.parameters import TracingParameters
from models.mastery.tracing import MasteryModel, mastery_model
from serving.jobs import learning_record
from serving.jobs.learning_record import LearningRecordFollower, LearningRecordRelay
from serving.learning.estimates import LearningRecord

CURRICULUM = b"code,statement\nadd,Add\nmultiply,Multiply\n"


@dataclass
class Classroom:
    """One lesson with a learner, and what its record says."""

    database: Database
    lesson: Lesson
    ada: Participant
    bea: Participant
    objectives: dict[str, str]
    model: MasteryModel = field(default_factory=lambda: mastery_model(None))

    @property
    def follower(self) -> LearningRecordFollower:
        return LearningRecordFollower(self.database, self.model)

    async def append(self, *drafts: EventDraft) -> None:
        await Ledger(self.database).append(self.lesson.tenant_id, self.lesson.id, drafts)

    async def follow(self) -> None:
        await self.follower.catch_up_tenant(self.lesson.tenant_id)

    async def evidence(self, code: str, who: Participant | None = None) -> list[Evidence]:
        reader = LearningRecordReader(self.database)
        person = (who or self.ada).person_id
        found = await reader.evidence(
            self.lesson.tenant_id, person, self.objectives[code], limit=1000
        )
        return found[::-1]

    async def homework(self) -> list[Homework]:
        reader = LearningRecordReader(self.database)
        return await reader.homework(self.lesson.tenant_id, [self.ada.person_id])

    def event(self, name: str, who: Participant | None = None, **data: Any) -> EventDraft:
        subject = (who or self.ada).id if DATA_TYPES[name].needs_subject or who else None
        return EventDraft(DATA_TYPES[name].model_validate(data), 0, subject)

    def answer(self, item: str, *, correct: bool = True, **data: Any) -> EventDraft:
        given: dict[str, Any] = {"item_id": item, "objective_id": "add", "correct": correct}
        return self.event("assessment.item_answered", **(given | data))


@pytest.fixture
async def room(database: Database, tenant_id: str) -> Classroom:
    return await taught(database, tenant_id)


@pytest.fixture
async def lone_room(lone_database: Database, tenant_id: str) -> Classroom:
    return await taught(lone_database, tenant_id)


async def taught(database: Database, tenant_id: str) -> Classroom:
    lessons, curricula = LessonStore(database), CurriculumStore(database)
    curriculum = (await curricula.create(tenant_id, "Fractions")).id
    await curricula.import_draft(tenant_id, read_csv(CURRICULUM), curriculum)
    course = await CourseStore(database).create(tenant_id, title="6b", curriculum_id=curriculum)
    lesson = await lessons.create_lesson(tenant_id, title="Part 1", course_id=course.id)
    ada, bea = [
        await lessons.add_participant(
            tenant_id, lesson.id, name, Role.LEARNER, f"{name}-{lesson.id}"
        )
        for name in ("Ada", "Bea")
    ]
    listed = await ObjectiveStore(database).list_objectives(tenant_id, curriculum)
    return Classroom(database, lesson, ada, bea, {each.code: each.id for each in listed})


async def test_first_answers_prove_and_further_tries_and_helped_ones_are_practice(
    room: Classroom,
) -> None:
    await room.append(
        room.answer("q1"),
        room.answer("q2", correct=False),
        room.answer("q2", attempt=2),
        room.answer("q3", hints=1),
        room.answer("q4", score=1, max_score=4),
    )
    await room.follow()
    found = [(each.kind, each.outcome) for each in await room.evidence("add")]
    assert found == [
        ("answer", 1.0),
        ("answer", 0.0),
        ("practice", None),
        ("practice", None),
        ("answer", 0.25),
    ]


async def test_a_mark_takes_the_place_of_its_answer_but_undoes_no_help(room: Classroom) -> None:
    items = [
        {"item_id": "q1", "objective_id": "add", "score": 0, "max_score": 2},
        {"item_id": "q2", "objective_id": "add", "score": 2, "max_score": 2},
    ]
    await room.append(
        room.answer("q1", assessment_id="quiz"),
        room.answer("q2", assessment_id="quiz", hints=2),
        room.event("assessment.graded", assessment_id="quiz", score=2, max_score=4, items=items),
    )
    await room.follow()
    found = {each.response: (each.kind, each.outcome) for each in await room.evidence("add")}
    assert found == {
        "answer/quiz/q1/1": ("answer", 0.0),
        "answer/quiz/q2/1": ("practice", None),
    }


async def test_polls_prove_by_what_was_opened_long_before(room: Classroom) -> None:
    poll: dict[str, Any] = {
        "question": "?",
        "options": ["a", "b"],
        "correct_options": [1],
        "objective_id": "add",
    }
    await room.append(room.event("poll.opened", poll_id="p", **poll))
    await room.follow()
    await room.append(
        room.event("poll.answered", poll_id="p", options=[1]),
        room.event("poll.answered", room.bea, poll_id="p", options=[0]),
        room.event("poll.answered", poll_id="unknown", options=[0]),
    )
    await room.follow()
    assert [each.outcome for each in await room.evidence("add")] == [1.0]
    assert [each.outcome for each in await room.evidence("add", room.bea)] == [0.0]


async def test_what_was_covered_counts_for_those_who_were_there(room: Classroom) -> None:
    await room.append(
        room.event("hand.raised"),
        room.event("objective.covered", objective_id="add", how="introduced"),
        room.event("hand.raised", room.bea),
        room.event("lesson_plan.item_started", item_id="i", title="t", objective_ids=["multiply"]),
        room.event("lesson_plan.item_completed", item_id="i"),
    )
    await room.follow()
    assert [each.detail for each in await room.evidence("add")] == ["introduced"]
    assert await room.evidence("add", room.bea) == []
    assert len(await room.evidence("multiply", room.bea)) == 1


async def test_homework_is_kept_across_lessons_and_proves_where_it_has_one_objective(
    room: Classroom,
) -> None:
    one, two = new_id("hw"), new_id("hw")
    await room.append(
        room.event("homework.assigned", homework_id=one, title="One", objective_ids=["add"]),
        room.event(
            "homework.assigned", homework_id=two, title="Two", objective_ids=["add", "multiply"]
        ),
    )
    await room.follow()
    assert {each.homework_id for each in await room.homework()} == {one, two}
    await room.append(
        room.event("homework.completed", homework_id=one, score=3, max_score=4),
        room.event("homework.completed", homework_id=two, score=3, max_score=4),
        room.event("homework.completed", homework_id="never assigned"),
    )
    await room.follow()
    assert all(each.completed_at for each in await room.homework())
    outcomes = [(each.kind, each.outcome) for each in await room.evidence("add")]
    assert outcomes == [("answer", 0.75), ("practice", None)]


async def test_events_before_their_objective_count_once_it_is_there(
    room: Classroom, tenant_id: str
) -> None:
    await room.append(room.answer("q1", objective_id="divide"), room.answer("q2"))
    await room.follow()
    before = await room.evidence("add")
    curriculum = (await CurriculumStore(room.database).list_curricula(tenant_id))[0].id
    more = read_csv(CURRICULUM + b"divide,Divide\n")
    await CurriculumStore(room.database).import_draft(tenant_id, more, curriculum)
    await room.follow()
    listed = await ObjectiveStore(room.database).list_objectives(tenant_id, curriculum)
    room.objectives = {each.code: each.id for each in listed}
    assert len(await room.evidence("divide")) == 1
    assert await room.evidence("add") == before


async def test_moving_a_lesson_out_of_its_course_takes_its_evidence_along(
    room: Classroom, tenant_id: str
) -> None:
    curricula, courses = CurriculumStore(room.database), CourseStore(room.database)
    other = (await curricula.create(tenant_id, "Other")).id
    await curricula.import_draft(tenant_id, read_csv(CURRICULUM), other)
    await room.append(room.answer("q1"))
    await room.follow()
    assert len(await room.evidence("add")) == 1
    course = await courses.create(tenant_id, title="Other", curriculum_id=other)
    await courses.place_lesson(tenant_id, room.lesson.id, course.id)
    await room.follow()
    assert await room.evidence("add") == []


async def test_an_erased_person_stays_out_of_the_record(room: Classroom, tenant_id: str) -> None:
    await room.append(room.answer("q1"), room.event("hand.raised", room.bea))
    await room.follow()
    await ErasureStore(room.database).erase(tenant_id, room.ada.person_id, "tests")
    await CourseStore(room.database).place_lesson(tenant_id, room.lesson.id, None)
    await room.append(room.event("objective.covered", objective_id="add"))
    await room.follow()
    assert await room.evidence("add") == []
    assert len(await room.evidence("add", room.bea)) == 1


async def test_several_followers_at_once_and_again_store_everything_once(
    room: Classroom, tenant_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning_record, "PAGE_EVENTS", 7)
    await room.append(*[room.answer(f"q{number}") for number in range(40)])
    await asyncio.gather(*(room.follower.catch_up_tenant(tenant_id) for _ in range(4)))
    assert len(await room.evidence("add")) == 40
    (record,) = await LearningRecordReader(room.database).records(tenant_id, [room.ada.person_id])
    assert (record.practised, record.evidence_for) == (40, 40)
    await room.follow()
    assert len(await room.evidence("add")) == 40


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=5))
async def test_however_it_is_cut_the_record_is_the_same(room: Classroom, cuts: list[int]) -> None:
    """Whatever the pieces in which events are read, the record is that of one reading."""
    lessons = LessonStore(room.database)
    tenant_id = room.lesson.tenant_id
    records = []
    moment = datetime(2026, 11, 2, 9, tzinfo=UTC)
    for pieces in (cuts, [sum(cuts)]):
        lesson = await lessons.create_lesson(
            tenant_id, title="Cut", course_id=room.lesson.course_id
        )
        who = await lessons.add_participant(tenant_id, lesson.id, "Cut", Role.LEARNER)
        here = Classroom(room.database, lesson, who, who, room.objectives)
        number = 0
        for piece in pieces:
            drafts: Sequence[EventDraft] = [
                here.answer(f"q{number + each}", correct=(number + each) % 3 > 0)
                for each in range(piece)
            ]
            number += piece
            await here.append(*(EventDraft(d.data, 0, d.subject, time=moment) for d in drafts))
            await here.follow()
        (record,) = await LearningRecordReader(room.database).records(tenant_id, [who.person_id])
        records.append((record.practised, record.evidence_for, record.knowledge))
    assert records[0] == records[1]


async def test_all_tenants_are_followed_and_one_that_fails_holds_up_no_other(
    lone_room: Classroom, tenant_id: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lone_room.append(lone_room.answer("q1"))
    lessons = LessonStore(lone_room.database)
    broken = await lessons.create_lesson(new_id("ten"), title="Broken")
    await lessons.start_lesson(broken.tenant_id, broken.id)
    relay = LearningRecordRelay(lone_room.database, LiveFeed(database_url), lone_room.model)
    catch_up = relay.relay
    tried = []

    async def failing(tenant: str) -> None:
        tried.append(tenant)
        if tenant == broken.tenant_id:
            raise NotFound("It cannot be read.")
        await catch_up(tenant)

    monkeypatch.setattr(relay, "relay", failing)
    await relay.relay_all()
    assert {tenant_id, broken.tenant_id} <= set(tried)
    assert len(await lone_room.evidence("add")) == 1
    tried.clear()
    await relay.relay_all()
    assert broken.tenant_id in tried


async def test_other_parameters_have_everything_traced_anew(
    room: Classroom, tenant_id: str
) -> None:
    await room.append(*[room.answer(f"q{number}") for number in range(5)])
    await room.follow()
    old = room.model.parameters
    new = MasteryModel(
        TracingParameters("newer", "tests", old.prior, old.learn, old.slip, old.guess, old.forget)
    )
    reader, history = LearningRecordReader(room.database), CourseHistory(room.database)
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    who = (tenant_id, [room.ada.person_id], moment)
    (before,) = await LearningRecord(reader, history, room.model).estimates(*who)
    (meanwhile,) = await LearningRecord(reader, history, new).estimates(*who)
    assert meanwhile.now == before.now
    room.model = new
    await room.follow()
    (record,) = await reader.records(tenant_id, [room.ada.person_id])
    assert record.knowledge.model_version == "newer"
