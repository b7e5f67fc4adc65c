from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from lessons.errors import LecternError
from lessons.events import CaptionFinal, EventDraft, HandRaised
from lessons.privacy.holdings import HOLDINGS, Kept
from lessons.records import Lesson, Participant, RecordingFile
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, RecordingStore
from lessons.store.audit import AuditStore
from lessons.store.retention import RetentionStore, types_kept
from lessons.tenants import Retention

NOW = datetime.now(UTC)
KEEP_ALL = Retention(
    captions_days=None,
    events_days=None,
    signals_days=None,
    recordings_days=None,
    payloads_days=None,
    disclosures_days=None,
)


@pytest.fixture
def retention(database: Database) -> RetentionStore:
    return RetentionStore(database)


@pytest.fixture
async def spoken(database: Database, lesson: Lesson, learner: Participant) -> Lesson:
    """A lesson with a caption and a raised hand, which has ended."""
    return await _fill(database, lesson, learner)


async def _fill(database: Database, lesson: Lesson, learner: Participant) -> Lesson:
    caption = CaptionFinal.model_validate(CaptionFinal.example)
    drafts = [EventDraft(caption, 1, learner.id), EventDraft(HandRaised(), 2, learner.id)]
    await LessonStore(database).start_lesson(lesson.tenant_id, lesson.id)
    await Ledger(database).append(lesson.tenant_id, lesson.id, drafts)
    return await LessonStore(database).end_lesson(lesson.tenant_id, lesson.id)


async def _types(database: Database, lesson: Lesson) -> list[str]:
    events = await Ledger(database).read(lesson.tenant_id, lesson.id)
    return [event.type for event in events]


async def _age(database_url: str, lesson: Lesson, days: int) -> None:
    """Move a lesson and its events into the past."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for statement in (
            "UPDATE lessons SET ended_at = ended_at - %s::interval,"
            " started_at = started_at - %s::interval, created_at = created_at - %s::interval"
            " WHERE id = %s",
            "UPDATE learning_events SET occurred_at = occurred_at - %s::interval"
            " WHERE lesson_id = %s",
        ):
            values = [timedelta(days=days)] * statement.count("interval")
            await connection.execute(statement.encode(), [*values, lesson.id])


async def test_every_kind_of_event_goes_when_its_own_time_is_over(
    database: Database, retention: RetentionStore, spoken: Lesson
) -> None:
    rules = KEEP_ALL.model_copy(update={"captions_days": 30, "events_days": 60})
    sweep = retention.sweep
    await sweep(spoken.tenant_id, rules, NOW + timedelta(days=29))
    assert len(await _types(database, spoken)) == 4
    deleted = await sweep(spoken.tenant_id, rules, NOW + timedelta(days=31))
    assert deleted["captions_days"] == 1
    assert await _types(database, spoken) == ["lesson.started", "hand.raised", "lesson.ended"]
    await sweep(spoken.tenant_id, rules, NOW + timedelta(days=61))
    assert await _types(database, spoken) == []


async def test_what_is_kept_for_ever_stays(
    database: Database, retention: RetentionStore, spoken: Lesson
) -> None:
    await retention.sweep(spoken.tenant_id, KEEP_ALL, NOW + timedelta(days=36_000))
    assert len(await _types(database, spoken)) == 4


async def test_another_tenant_keeps_what_it_keeps(
    database: Database, retention: RetentionStore, spoken: Lesson
) -> None:
    rules = KEEP_ALL.model_copy(update={"events_days": 1, "captions_days": 1})
    await retention.sweep("ten_other", rules, NOW + timedelta(days=900))
    assert len(await _types(database, spoken)) == 4


async def test_the_age_counts_from_the_lesson_and_not_from_when_it_was_planned(
    database: Database,
    database_url: str,
    retention: RetentionStore,
    lesson: Lesson,
    learner: Participant,
) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "UPDATE lessons SET created_at = created_at - interval '400 days' WHERE id = %s",
            (lesson.id,),
        )
    await _fill(database, lesson, learner)
    rules = KEEP_ALL.model_copy(update={"events_days": 300, "captions_days": 300})
    await retention.sweep(lesson.tenant_id, rules)
    assert len(await _types(database, lesson)) == 4


async def test_a_lesson_that_never_ended_loses_its_old_events_and_keeps_its_new_ones(
    database: Database,
    database_url: str,
    retention: RetentionStore,
    lesson: Lesson,
    learner: Participant,
) -> None:
    ledger = Ledger(database)
    await LessonStore(database).start_lesson(lesson.tenant_id, lesson.id)
    await ledger.append(lesson.tenant_id, lesson.id, [EventDraft(HandRaised(), 1, learner.id)])
    await _age(database_url, lesson, 100)
    await ledger.append(lesson.tenant_id, lesson.id, [EventDraft(HandRaised(), 2, learner.id)])
    rules = KEEP_ALL.model_copy(update={"events_days": 50})
    await retention.sweep(lesson.tenant_id, rules)
    (left,) = await ledger.read(lesson.tenant_id, lesson.id)
    assert left.ledgersequence == 3


async def test_many_lessons_are_swept_and_late_events_are_caught_the_next_night(
    database: Database,
    database_url: str,
    retention: RetentionStore,
    lesson_store: LessonStore,
    tenant_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lessons.store.retention.LESSONS_AT_A_TIME", 2)
    lessons = []
    for number in range(5):
        lesson = await lesson_store.create_lesson(tenant_id, title=str(number))
        person = await lesson_store.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER)
        lessons.append(await _fill(database, lesson, person))
    rules = KEEP_ALL.model_copy(update={"events_days": 1, "captions_days": 1})
    await retention.sweep(tenant_id, rules, NOW + timedelta(days=3))
    assert [await _types(database, lesson) for lesson in lessons] == [[]] * 5
    late = EventDraft(HandRaised(), 5, person.id, time=NOW)
    await Ledger(database).append(tenant_id, lessons[-1].id, [late])
    await retention.sweep(tenant_id, rules, NOW + timedelta(days=4))
    assert await _types(database, lessons[-1]) == []


async def test_recordings_go_and_the_trail_says_what_went(
    database: Database, retention: RetentionStore, spoken: Lesson, lesson_store: LessonStore
) -> None:
    tenant_id = spoken.tenant_id
    open_lesson = await lesson_store.create_lesson(tenant_id, title="Open")
    recordings = RecordingStore(database)
    made = await recordings.create(tenant_id, open_lesson.id, [RecordingFile(name="a", path="a")])
    rules = KEEP_ALL.model_copy(update={"recordings_days": 90})
    later = NOW + timedelta(days=91)
    assert await retention.recordings_before(tenant_id, later) == [made.id]
    await retention.sweep(tenant_id, rules, later)
    assert await recordings.list_recordings(tenant_id, open_lesson.id) == []
    (entry, *_) = await AuditStore(database).list_entries(tenant_id)
    assert (entry.actor, entry.action, entry.detail) == ("retention", "sweep", {"recordings": 1})
    assert {mark.kind for mark in await retention.marks(tenant_id)} == {"recordings_days"}


async def test_every_tenant_with_data_is_due_once_a_day(
    retention: RetentionStore, spoken: Lesson
) -> None:
    tenant_id, today = spoken.tenant_id, NOW.date()
    assert tenant_id in await retention.due(today, 100_000)
    await retention.sweep(tenant_id, KEEP_ALL, NOW)
    assert tenant_id not in await retention.due(today, 100_000)
    assert tenant_id in await retention.due(today + timedelta(days=1), 100_000)


def test_every_event_type_falls_under_exactly_one_rule() -> None:
    ruled = [name for kept in Kept for name in types_kept(kept)]
    assert len(ruled) == len(set(ruled))
    assert {"caption.final", "engagement.signal", "hand.raised"} <= set(ruled)
    assert {"engagement.signal", "camera.observed"} <= set(types_kept(Kept.SIGNALS))


@pytest.mark.parametrize("kept", Kept)
async def test_every_rule_can_be_carried_out(
    retention: RetentionStore, tenant_id: str, kept: Kept
) -> None:
    """The role may delete from every table that a rule reaches."""
    reached = [name for name, holding in HOLDINGS.items() if holding.kept is kept]
    try:
        done = await retention.sweep(tenant_id, KEEP_ALL.model_copy(update={kept.value: 1}))
    except LecternError as refused:
        pytest.fail(str(refused))
    assert set(reached) <= set(done)
