"""Notes of a live lesson in a real PostgreSQL: restarts, consent taken back, and its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from eval.labelled_lessons import labelled_lessons
from lessons.events import EventDraft, LearningEvent, SegmentClosed
from lessons.privacy.consent import Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from lessons.store.consents import ConsentStore
from lessons.store.tenants import TenantStore
from serving.jobs.notes_worker import note_models
from serving.notes.noted_lesson import NOTE_TYPES, NotedLesson, NoteTools
from serving.observability.notes_metrics import NotesMetrics
from serving.observability.scraping import new_registry
from serving.reading.models import InProcessModels
from tests.unit.integrations.captions.spoken import final


@dataclass
class World:
    """A lesson whose clock a test sets."""

    database: Database
    lesson: Lesson
    people: dict[str, Participant]
    tools: NoteTools
    now_ms: int = 0

    @property
    def where(self) -> tuple[str, str]:
        return self.lesson.tenant_id, self.lesson.id

    async def teach(self, first: int, last: int) -> None:
        """Let the captions of a written lesson come, and the clock pass by them."""
        (lesson, *_) = labelled_lessons("tuning")
        for said in lesson.reading.utterances[first:last]:
            who = self.people[said.participant_id.removeprefix("par_")]
            data = final(
                said.text,
                said.start_ms,
                said.end_ms,
                caption_id=f"cap_{said.caption_id}",
                participant_id=who.id,
                participant_name=who.name,
                role=who.role,
            )
            draft = EventDraft(data, said.end_ms, who.id, id=data.caption_id)
            await Ledger(self.database).append(*self.where, [draft])
            self.now_ms = said.end_ms + 20_000

    async def told(self) -> list[LearningEvent]:
        return await Ledger(self.database).read_all(*self.where, NOTE_TYPES)

    def noted(self) -> NotedLesson:
        return NotedLesson(self.lesson, self.tools)


@pytest.fixture
async def world(database: Database, tenant_id: str) -> World:
    lessons = LessonStore(database)
    made = await lessons.create_lesson(tenant_id, title="Fractions")
    roles = {"tina": Role.INSTRUCTOR, "ada": Role.LEARNER, "ben": Role.LEARNER}
    people = {
        name: await lessons.add_participant(tenant_id, made.id, name.title(), role)
        for name, role in roles.items()
    }
    lesson = await lessons.start_lesson(tenant_id, made.id)
    world: World

    def clock() -> datetime:
        return (lesson.started_at or datetime.now(UTC)) + timedelta(milliseconds=world.now_ms)

    tools = NoteTools(
        Ledger(database),
        lessons,
        ConsentStore(database),
        TenantStore(database),
        partial(note_models, InProcessModels()),
        asyncio.Semaphore(1),
        NotesMetrics(new_registry()),
        clock,
    )
    world = World(database, lesson, people, tools)
    return world


async def test_notes_stand_in_the_ledger_and_a_restart_adds_none(world: World) -> None:
    await world.teach(0, 14)
    assert await world.noted().advance()
    told = await world.told()
    assert {one.type for one in told} >= {"talk_move.observed", "comprehension.observed"}
    assert await world.noted().advance()
    assert await world.told() == told


async def test_who_takes_consent_back_is_told_of_no_more(world: World) -> None:
    noted, ben = world.noted(), world.people["ben"]
    await world.teach(0, 6)
    assert await noted.advance()
    assert [one for one in await world.told() if one.subject == ben.id]
    before = len([one for one in await world.told() if one.subject == ben.id])
    change = ConsentChange(
        ben.person_id,
        world.lesson.id,
        [Purpose.SIGNALS],
        granted=False,
        basis=None,
        decided_by="key",
    )
    await ConsentChanges(world.database).decide(world.lesson.tenant_id, change)
    await world.teach(6, 20)
    assert await noted.advance()
    assert len([one for one in await world.told() if one.subject == ben.id]) == before


async def test_the_end_of_the_lesson_closes_its_last_segment(world: World) -> None:
    noted = world.noted()
    await world.teach(0, 20)
    assert await noted.advance()
    await LessonStore(world.database).end_lesson(*world.where)
    assert not await noted.advance()
    closed = [one for one in await world.told() if one.type == "segment.closed"]
    assert closed


async def test_what_a_restart_finds_left_of_a_segment_comes_under_an_id_of_its_own(
    world: World,
) -> None:
    await world.teach(0, 8)
    told = {"segment_id": "seg:cap_f01", "start_ms": 4_000, "end_ms": 63_000}
    segment = {**told, "title": "Denominators", "kind": "instruction"}
    data = SegmentClosed.model_validate({"segment": segment, "model": "m", "model_version": "1"})
    draft = EventDraft(data, 64_000, id="segment:seg:cap_f01")
    await Ledger(world.database).append(*world.where, [draft])
    await world.teach(8, 20)
    await LessonStore(world.database).end_lesson(*world.where)
    assert not await world.noted().advance()
    closed = [one.data.segment for one in await world.told() if isinstance(one.data, SegmentClosed)]
    assert closed[0].segment_id == "seg:cap_f01"
    assert closed[1].start_ms == 63_000
    assert closed[1].segment_id == "seg:cap_f08"
