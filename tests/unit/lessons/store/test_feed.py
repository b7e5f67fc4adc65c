from __future__ import annotations

import asyncio

import psycopg
import pytest

from lessons.events import EventDraft, HandRaised, PartialCaption
from lessons.records import Lesson
from lessons.roles import Role
from lessons.store import (
    Committed,
    Ledger,
    LessonStore,
    LiveFeed,
    Message,
    Passing,
    Subscription,
)

PARTIAL = PartialCaption(
    caption_id="cap_1",
    track_id="trk_1",
    participant_id="par_1",
    role=Role.LEARNER,
    participant_name="Ada",
    revision=1,
    start_ms=0,
    end_ms=900,
    stable_text="drei viertel",
    unstable_text="für",
    language="de",
)


async def _next(subscription: Subscription) -> Message:
    return await asyncio.wait_for(anext(subscription), 10)


def _draft() -> EventDraft:
    return EventDraft(HandRaised(), 0, "par_1")


async def test_commits_and_passing_messages_come_in_order(
    feed: LiveFeed, ledger: Ledger, lesson: Lesson
) -> None:
    where = (lesson.tenant_id, lesson.id)
    async with feed.subscribe(*where) as subscription:
        assert await _next(subscription) == Committed(None)
        await ledger.append(*where, [_draft(), _draft()])
        assert await _next(subscription) == Committed(2)
        assert await feed.publish_partial(*where, PARTIAL)
        expected = Passing("caption.partial", PARTIAL.model_dump(mode="json"))
        assert await _next(subscription) == expected
        assert await feed.publish_progress(*where, {"recording_id": "rec_1", "progress": 0.5})
        message = await _next(subscription)
        assert isinstance(message, Passing)
        assert message.type == "recording.progress"


async def test_nobody_hears_of_another_lesson_or_tenant(
    feed: LiveFeed, ledger: Ledger, lesson: Lesson
) -> None:
    async with (
        feed.subscribe(lesson.tenant_id, lesson.id) as own,
        feed.subscribe(lesson.tenant_id, "les_other") as other_lesson,
        feed.subscribe("ten_other", lesson.id) as other_tenant,
    ):
        for subscription in (own, other_lesson, other_tenant):
            assert await _next(subscription) == Committed(None)
        await ledger.append(lesson.tenant_id, lesson.id, [_draft()])
        assert await _next(own) == Committed(1)
        for subscription in (other_lesson, other_tenant):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(subscription), 0.2)


async def test_a_tenants_commits_are_heard_whatever_the_lesson(
    feed: LiveFeed, ledger: Ledger, lesson: Lesson, lesson_store: LessonStore
) -> None:
    other = await lesson_store.create_lesson(lesson.tenant_id, title="Another")
    async with (
        feed.subscribe_commits(lesson.tenant_id) as own,
        feed.subscribe_commits(None) as every_tenants,
        feed.subscribe_commits("ten_other") as another_tenants,
    ):
        for subscription in (own, every_tenants, another_tenants):
            assert await _next(subscription) == Committed(None)
        for lesson_id in (lesson.id, other.id):
            await ledger.append(lesson.tenant_id, lesson_id, [_draft()])
            assert await _next(own) == Committed(1)
            assert await _next(every_tenants) == Committed(1)
            await feed.publish_progress(lesson.tenant_id, lesson_id, {"progress": 0.5})
        for subscription in (own, another_tenants):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(subscription), 0.1)


async def test_a_later_subscriber_hears_what_comes_then(
    feed: LiveFeed, ledger: Ledger, lesson: Lesson
) -> None:
    where = (lesson.tenant_id, lesson.id)
    async with feed.subscribe(*where) as first:
        assert await _next(first) == Committed(None)
        await ledger.append(*where, [_draft()])
        assert await _next(first) == Committed(1)
        async with feed.subscribe(*where) as second:
            await ledger.append(*where, [_draft()])
            assert await _next(second) == Committed(2)


async def test_a_refused_append_is_not_told(feed: LiveFeed, ledger: Ledger, lesson: Lesson) -> None:
    where = (lesson.tenant_id, lesson.id)
    draft = _draft()
    await ledger.append(*where, [draft])
    async with feed.subscribe(*where) as subscription:
        assert await _next(subscription) == Committed(None)
        await ledger.append(*where, [draft])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(subscription), 0.2)


async def test_a_message_too_long_for_the_channel_is_counted(
    feed: LiveFeed, lesson: Lesson
) -> None:
    long = PARTIAL.model_copy(update={"stable_text": "ü" * 4000})
    assert not await feed.publish_partial(lesson.tenant_id, lesson.id, long)
    assert feed.unsent == 1


async def test_after_a_lost_connection_it_reconnects_and_says_read_again(
    feed: LiveFeed, ledger: Ledger, lesson: Lesson, database_url: str
) -> None:
    where = (lesson.tenant_id, lesson.id)
    async with feed.subscribe(*where) as subscription:
        assert await _next(subscription) == Committed(None)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN %' AND pid <> pg_backend_pid()"
            )
        assert await _next(subscription) == Committed(None)
        await ledger.append(*where, [_draft()])
        assert await _next(subscription) == Committed(1)


async def test_following_by_cursor_gives_every_event_once_and_in_order(
    feed: LiveFeed, ledger: Ledger, lesson: Lesson
) -> None:
    where = (lesson.tenant_id, lesson.id)
    writers, each = 4, 15

    async def write() -> None:
        for _ in range(each):
            await ledger.append(*where, [_draft()])

    async def follow() -> list[int]:
        seen: list[int] = []
        async with feed.subscribe(*where) as subscription:
            while len(seen) < writers * each:
                page = await ledger.read(*where, after=seen[-1] if seen else 0)
                seen += [event.ledgersequence for event in page]
                if len(seen) < writers * each:
                    await _next(subscription)
        return seen

    seen, *_ = await asyncio.gather(follow(), *(write() for _ in range(writers)))
    assert seen == list(range(1, writers * each + 1))


async def test_commits_side_by_side_become_one() -> None:
    subscription = Subscription()
    for sequence in range(1, 1000):
        subscription.put(Committed(sequence))
    assert await _next(subscription) == Committed(999)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(subscription), 0.05)


async def test_a_slow_reader_loses_passing_messages_but_no_commit() -> None:
    subscription = Subscription()
    for number in range(1000):
        subscription.put(Passing("caption.partial", {"number": number}))
        if number == 100:
            subscription.put(Committed(7))
    received: list[Message] = []
    while len(received) + subscription.dropped < 1001:
        received.append(await _next(subscription))
    assert len(received) < 300
    assert received.count(Committed(7)) == 1
    assert received[-1] == Passing("caption.partial", {"number": 999})
