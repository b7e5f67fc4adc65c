"""Rows of a lesson whose events come out of the ledger are those of the events as they were made.

What is trained on and what is served come from the same code; this is the rest of the way between:
events are sealed, stored, read back and typed again, and the rows are equal to the last bit.
"""

from __future__ import annotations

import random

import pytest

from features.engagement import WINDOW_MS, LessonFeatures
from lessons.events import EventDraft, LearningEvent
from lessons.privacy.consent import Basis, Purpose
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from lessons.store.consent_changes import ConsentChange, ConsentChanges
from tests.unit.features.engagement.lesson_events import Script
from tests.unit.features.engagement.test_cameras import observed
from tests.unit.features.engagement.test_order import WHO, happening, rows


@pytest.fixture
async def people(database: Database, tenant_id: str) -> tuple[Lesson, dict[str, Participant]]:
    store, consents = LessonStore(database), ConsentChanges(database)
    lesson = await store.create_lesson(tenant_id, title="Fractions")
    people = {}
    for who, role in {"tutor": Role.INSTRUCTOR, **dict.fromkeys(WHO, Role.LEARNER)}.items():
        person = await store.add_participant(tenant_id, lesson.id, who, role)
        camera = [Purpose.CAMERA_SIGNALS]
        granted = ConsentChange(person.person_id, None, camera, True, Basis.GUARDIAN, "key_1")
        await consents.decide(tenant_id, granted)
        people[who] = person
    return lesson, people


def scripted(seed: int) -> list[LearningEvent]:
    chance, script = random.Random(seed), Script()
    times = sorted(chance.sample(range(120_000), 150))
    return [
        *(script.joined(who) for who in ("tutor", *WHO)),
        *(happening(script, chance, at_ms) for at_ms in times),
        *(observed(script, at_ms) for at_ms in range(100_000, 120_000, 5_000)),
    ]


def placed(event: LearningEvent, ids: dict[str, str]) -> LearningEvent:
    """Return a scripted event about the participants that there are."""
    data = event.data.model_dump(mode="json")
    if "participant_id" in data:
        data["participant_id"] = ids[data["participant_id"]]
    return event.model_copy(
        update={
            "subject": ids.get(event.subject or ""),
            "data": type(event.data).model_validate(data),
        }
    )


def replayed(events: list[LearningEvent], lesson_id: str) -> list[dict[str, object]]:
    features = LessonFeatures(lesson_id)
    waiting, closed = list(events), []
    for end_ms in range(WINDOW_MS, 130_001, WINDOW_MS):
        while waiting and waiting[0].lessontimems < end_ms:
            features.take(waiting.pop(0))
        closed.append(features.close(end_ms))
    return rows(closed)


async def test_a_live_lessons_rows_are_those_of_the_same_events_offline(
    database: Database,
    tenant_id: str,
    people: tuple[Lesson, dict[str, Participant]],
) -> None:
    lesson, participants = people
    ids = {who: participant.id for who, participant in participants.items()}
    made = [placed(event, ids) for event in scripted(seed=5)]
    ledger = Ledger(database)
    for start in range(0, len(made), 20):
        drafts = [
            EventDraft(event.data, event.lessontimems, event.subject, event.id)
            for event in made[start : start + 20]
        ]
        outcomes = await ledger.append_each(tenant_id, lesson.id, drafts)
        assert [one for one in outcomes if isinstance(one, Exception)] == []
    stored: list[LearningEvent] = []
    while page := await ledger.read(tenant_id, lesson.id, after=len(stored), limit=100):
        stored += page
    assert len(stored) == len(made)
    offline = [
        event.model_copy(update={"lessonid": lesson.id, "ledgersequence": number})
        for number, event in enumerate(made, start=1)
    ]
    assert replayed(stored, lesson.id) == replayed(offline, lesson.id)
