from __future__ import annotations

import asyncio

import pytest

from lessons.events import EventDraft, HandRaised
from lessons.records import Lesson
from lessons.store import Committed, Database, Ledger, LiveFeed
from lessons.store.straight_appending import append_straight


async def test_a_reader_hears_of_a_commit_that_told_nobody_itself(
    database: Database, feed: LiveFeed, lesson: Lesson
) -> None:
    async with feed.subscribe(lesson.tenant_id, lesson.id) as subscription:
        assert await anext(subscription) == Committed(None)
        draft = EventDraft(HandRaised(), 0, "par_1")
        await Ledger(database).append(lesson.tenant_id, lesson.id, [draft])  # The region is known.
        for sequence in (1, 2):
            async with asyncio.timeout(5):
                assert await anext(subscription) == Committed(sequence)
            if sequence == 1:
                again = EventDraft(HandRaised(), 0, "par_1")
                straight = await append_straight(
                    database, lesson.tenant_id, lesson.id, [again], admit=False
                )
                assert straight is not None


async def test_only_the_newest_of_many_commits_has_to_be_told(
    database: Database, feed: LiveFeed, lesson: Lesson
) -> None:
    async with feed.subscribe(lesson.tenant_id, lesson.id) as subscription:
        assert await anext(subscription) == Committed(None)
        for sequence in (3, 5, 4):
            database.herald.tell(lesson.tenant_id, lesson.id, sequence)
        async with asyncio.timeout(5):
            assert await anext(subscription) == Committed(5)
        await database.herald.close()


async def test_a_feed_looks_by_itself_for_what_nobody_told(
    feed: LiveFeed, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it hears of a commit whose writer died before its notice."""
    monkeypatch.setattr("lessons.store.feed._CHECK_SECONDS", 0.05)
    async with feed.subscribe(lesson.tenant_id, lesson.id) as subscription:
        for _ in range(3):
            async with asyncio.timeout(5):
                assert await anext(subscription) == Committed(None)
