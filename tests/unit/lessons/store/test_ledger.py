from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.events import (
    EventDraft,
    HandLowered,
    HandRaised,
    LearningEvent,
    PollOpened,
    WhiteboardContributed,
)
from lessons.records import Lesson, Participant
from lessons.store import Appended, Ledger, LessonStore

on_a_real_database = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def _draft(number: int = 1, subject: str = "par_1") -> EventDraft:
    data = WhiteboardContributed(board_id="board", kind="stroke", elements=number)
    return EventDraft(data, number, subject)


def _drafts(count: int) -> list[EventDraft]:
    return [_draft(number) for number in range(1, count + 1)]


async def _all(ledger: Ledger, lesson: Lesson) -> list[LearningEvent]:
    return await ledger.read(lesson.tenant_id, lesson.id, limit=1000)


async def test_what_is_appended_is_read_back_in_order(ledger: Ledger, lesson: Lesson) -> None:
    appended = await ledger.append(lesson.tenant_id, lesson.id, _drafts(3))
    assert [outcome.created for outcome in appended] == [True] * 3
    assert [outcome.event.ledgersequence for outcome in appended] == [1, 2, 3]
    assert await _all(ledger, lesson) == [outcome.event for outcome in appended]


async def test_an_event_carries_where_it_belongs(ledger: Ledger, lesson: Lesson) -> None:
    at = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    draft = EventDraft(HandRaised(), 700, "par_1", "evt_mine", at)
    (appended,) = await ledger.append(lesson.tenant_id, lesson.id, [draft])
    wire = appended.event.to_wire()
    assert wire == (await _all(ledger, lesson))[0].to_wire()
    assert (wire["id"], wire["type"], wire["subject"]) == ("evt_mine", "hand.raised", "par_1")
    assert (wire["tenantid"], wire["lessonid"]) == (lesson.tenant_id, lesson.id)
    assert (wire["time"], wire["lessontimems"]) == ("2026-11-22T10:00:00Z", 700)


async def test_the_ledger_places_what_has_no_time(
    ledger: Ledger, lesson_store: LessonStore, lesson: Lesson
) -> None:
    await lesson_store.start_lesson(lesson.tenant_id, lesson.id)
    await asyncio.sleep(0.05)
    draft = EventDraft(HandRaised(), None, "par_1")
    (appended,) = await ledger.append(lesson.tenant_id, lesson.id, [draft])
    assert 50 <= appended.event.lessontimems < 5000
    assert abs(datetime.now(UTC) - appended.event.time) < timedelta(seconds=5)
    (again,) = await ledger.append(lesson.tenant_id, lesson.id, [draft])
    assert again == Appended(appended.event, created=False)


async def test_nothing_to_append_is_fine(ledger: Ledger, lesson: Lesson) -> None:
    assert await ledger.append(lesson.tenant_id, lesson.id, []) == []


async def test_a_repeated_id_with_another_body_is_a_conflict_and_stores_nothing(
    ledger: Ledger, lesson: Lesson
) -> None:
    draft = _draft(1)
    await ledger.append(lesson.tenant_id, lesson.id, [draft])
    changed = replace(draft, data=HandLowered())
    with pytest.raises(Conflict, match=draft.id):
        await ledger.append(lesson.tenant_id, lesson.id, [_draft(2), changed])
    assert len(await _all(ledger, lesson)) == 1


BODY = EventDraft(HandLowered(), 5, "par_1", "evt_1", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "other",
    [
        replace(BODY, subject="par_2"),
        replace(BODY, time=datetime(2026, 1, 2, tzinfo=UTC)),
        replace(BODY, lesson_time_ms=6),
        replace(BODY, data=HandLowered(lowered_by="par_3")),
        replace(BODY, data=HandRaised()),
    ],
)
async def test_every_part_of_the_body_counts(
    ledger: Ledger, lesson: Lesson, other: EventDraft
) -> None:
    await ledger.append(lesson.tenant_id, lesson.id, [BODY])
    with pytest.raises(Conflict):
        await ledger.append(lesson.tenant_id, lesson.id, [other])


async def test_the_same_id_in_another_lesson_is_another_event(
    ledger: Ledger, lesson_store: LessonStore, lesson: Lesson
) -> None:
    other = await lesson_store.create_lesson(lesson.tenant_id, title="Another")
    draft = _draft()
    for where in (lesson, other):
        (appended,) = await ledger.append(where.tenant_id, where.id, [draft])
        assert appended.created


async def test_a_batch_stores_what_it_can_and_answers_for_each(
    ledger: Ledger, lesson: Lesson, learner: Participant
) -> None:
    stored = _draft(1, learner.id)
    await ledger.append(lesson.tenant_id, lesson.id, [stored])
    fresh = _draft(2, learner.id)
    batch = [
        fresh,
        replace(stored, lesson_time_ms=99),
        _draft(3, "par_nobody"),
        stored,
        fresh,
        EventDraft(PollOpened(poll_id="p", question="?", options=["a", "b"]), 4),
    ]
    outcomes = await ledger.append_each(lesson.tenant_id, lesson.id, batch)
    assert [_short(outcome) for outcome in outcomes] == [
        ("created", 2),
        "conflict",
        "invalid_input",
        ("there", 1),
        ("there", 2),
        ("created", 3),
    ]
    assert len(await _all(ledger, lesson)) == 3


def _short(outcome: object) -> object:
    if isinstance(outcome, Appended):
        return "created" if outcome.created else "there", outcome.event.ledgersequence
    return getattr(outcome, "code", outcome)


async def test_reading_can_be_limited_to_types(ledger: Ledger, lesson: Lesson) -> None:
    drafts = [_draft(1), EventDraft(HandRaised(), 2, "par_1"), _draft(3)]
    await ledger.append(lesson.tenant_id, lesson.id, drafts)
    events = await ledger.read(lesson.tenant_id, lesson.id, types=["whiteboard.contributed"])
    assert [event.ledgersequence for event in events] == [1, 3]


@pytest.mark.parametrize(
    ("after", "limit", "types", "field"),
    [
        (-1, 10, None, "after"),
        (0, 0, None, "limit"),
        (0, 1001, None, "limit"),
        (10**30, 10, None, "after"),
        (0, 10, ["poll.open"], "type"),
    ],
)
async def test_a_bad_page_is_refused_by_name(
    ledger: Ledger, lesson: Lesson, after: int, limit: int, types: list[str] | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await ledger.read(lesson.tenant_id, lesson.id, after, limit, types)
    assert refused.value.field == field


async def test_an_unknown_lesson_is_not_found(ledger: Ledger, tenant_id: str) -> None:
    with pytest.raises(NotFound):
        await ledger.append(tenant_id, "les_none", [_draft()])
    with pytest.raises(NotFound):
        await ledger.append_each(tenant_id, "les_none", [_draft()])
    with pytest.raises(NotFound):
        await ledger.read(tenant_id, "les_none")


async def test_past_the_end_there_is_nothing(ledger: Ledger, lesson: Lesson) -> None:
    await ledger.append(lesson.tenant_id, lesson.id, _drafts(2))
    assert await ledger.read(lesson.tenant_id, lesson.id, after=2) == []


@given(batches=st.lists(st.lists(st.integers(0, 5), max_size=6), max_size=8))
@on_a_real_database
async def test_however_often_a_draft_is_appended_it_is_stored_once(
    batches: list[list[int]], ledger: Ledger, lesson_store: LessonStore, tenant_id: str
) -> None:
    lesson = await lesson_store.create_lesson(tenant_id, title="Repeats")
    drafts = _drafts(6)
    first_seen: dict[int, int] = {}
    for batch in batches:
        outcomes = await ledger.append(tenant_id, lesson.id, [drafts[index] for index in batch])
        for index, outcome in zip(batch, outcomes, strict=True):
            assert outcome.created == (index not in first_seen)
            sequence = first_seen.setdefault(index, len(first_seen) + 1)
            assert outcome.event.ledgersequence == sequence
    stored = await _all(ledger, lesson)
    assert [event.id for event in stored] == [drafts[index].id for index in first_seen]


@given(
    writers=st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=2, max_size=6)
)
@on_a_real_database
async def test_concurrent_writers_get_consecutive_numbers_and_lose_nothing(
    writers: list[list[int]], ledger: Ledger, lesson_store: LessonStore, tenant_id: str
) -> None:
    lesson = await lesson_store.create_lesson(tenant_id, title="Many writers")
    plans = [[_drafts(size) for size in sizes] for sizes in writers]

    async def write(batches: Sequence[Sequence[EventDraft]]) -> None:
        for batch in batches:
            await ledger.append(tenant_id, lesson.id, batch)

    await asyncio.gather(*(write(batches) for batches in plans))
    stored = await _all(ledger, lesson)
    assert [event.ledgersequence for event in stored] == list(range(1, len(stored) + 1))
    order = [event.id for event in stored]
    for batches in plans:
        own = [draft.id for batch in batches for draft in batch]
        assert [event_id for event_id in order if event_id in set(own)] == own
    assert len(order) == sum(sum(sizes) for sizes in writers)


async def test_the_same_draft_from_many_writers_at_once_is_stored_once(
    ledger: Ledger, lesson: Lesson
) -> None:
    draft = _draft()
    outcomes = await asyncio.gather(
        *(ledger.append(lesson.tenant_id, lesson.id, [draft]) for _ in range(10))
    )
    assert sum(outcome.created for (outcome,) in outcomes) == 1
    assert {outcome.event.ledgersequence for (outcome,) in outcomes} == {1}
    assert len(await _all(ledger, lesson)) == 1


@given(count=st.integers(0, 30), limits=st.lists(st.integers(1, 9), min_size=1, max_size=40))
@on_a_real_database
async def test_a_reader_that_resumes_sees_exactly_the_rest(
    count: int,
    limits: list[int],
    ledger: Ledger,
    lesson_store: LessonStore,
    tenant_id: str,
) -> None:
    lesson = await lesson_store.create_lesson(tenant_id, title="Resumed")
    seen: list[int] = []
    pending = _drafts(count)
    for limit in limits:
        await ledger.append(tenant_id, lesson.id, pending[:3])
        del pending[:3]
        page = await ledger.read(tenant_id, lesson.id, after=len(seen), limit=limit)
        seen += [event.ledgersequence for event in page]
    await ledger.append(tenant_id, lesson.id, pending)
    rest = await ledger.read(tenant_id, lesson.id, after=len(seen))
    assert seen + [event.ledgersequence for event in rest] == list(range(1, count + 1))
