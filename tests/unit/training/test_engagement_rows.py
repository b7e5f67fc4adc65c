"""One code makes features live and in training: stored events give the rows of offline ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import numpy as np

from features.engagement import WINDOW_MS, LearnerWindow, LessonFeatures
from lessons.events import EventDraft, LearningEvent, parse_event
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore
from training.engagement_rows import ALLOWED_LATE_MS
from training.simulated_lessons.lesson import SimulatedLesson, simulate_lesson
from training.simulated_lessons.programs import TRAINING_PROGRAMS
from training.simulated_lessons.voice import TUTOR

END_MS = 300_000


async def test_a_live_lesson_gives_the_rows_that_training_sees(
    database: Database, tenant_id: str
) -> None:
    lesson = simulate_lesson("simulated", TRAINING_PROGRAMS, 21)
    lessons = LessonStore(database)
    live = await lessons.create_lesson(tenant_id, title="Fractions")
    ids = {TUTOR: await _joined(lessons, tenant_id, live.id, Role.INSTRUCTOR)}
    for learner in lesson.learners:
        ids[learner] = await _joined(lessons, tenant_id, live.id, Role.LEARNER)
    offline = _of(lesson, live.id, ids)
    ledger = Ledger(database)
    await ledger.append(tenant_id, live.id, [_draft(each) for each in offline])
    stored, after = list[LearningEvent](), 0
    while page := await ledger.read(tenant_id, live.id, after):
        stored += page
        after = page[-1].ledgersequence
    told = {each.id for each in offline}
    read_back = [each for each in stored if each.id in told]
    assert len(read_back) == len(offline) > 400
    trained, served = _windows(live.id, offline), _windows(live.id, read_back)
    assert len(trained) == len(served) > 100
    for ours, theirs in zip(trained, served, strict=True):
        assert (ours.participant_id, ours.start_ms) == (theirs.participant_id, theirs.start_ms)
        assert ours.context == theirs.context
        assert np.array_equal(ours.values, theirs.values, equal_nan=True)
        assert dict(ours.events) == dict(theirs.events)


async def _joined(lessons: LessonStore, tenant_id: str, lesson_id: str, role: Role) -> str:
    return (await lessons.add_participant(tenant_id, lesson_id, role.value, role)).id


def _of(lesson: SimulatedLesson, lesson_id: str, ids: Mapping[str, str]) -> list[LearningEvent]:
    """Return the lesson's first events as those of a real lesson and real participants."""
    events = []
    for arrival in lesson.arrivals:
        if arrival.arrived_ms >= END_MS:
            break
        text = json.dumps(arrival.event.to_wire() | {"lessonid": lesson_id})
        for simulated, real in ids.items():
            text = text.replace(f'"{simulated}"', f'"{real}"')
        events.append(parse_event(json.loads(text)))
    return events


def _draft(event: LearningEvent) -> EventDraft:
    return EventDraft(event.data, event.lessontimems, event.subject, event.id, event.time)


def _windows(lesson_id: str, events: Iterable[LearningEvent]) -> list[LearnerWindow]:
    features, windows = LessonFeatures(lesson_id), list[LearnerWindow]()
    waiting = list(events)
    began = waiting[0].time
    for end_ms in range(WINDOW_MS, END_MS + 1, WINDOW_MS):
        while waiting:
            arrived_ms = (waiting[0].time - began).total_seconds() * 1000
            if arrived_ms >= end_ms + ALLOWED_LATE_MS:
                break
            features.take(waiting.pop(0), arrived_ms)
        windows += features.close(end_ms)
    return windows
