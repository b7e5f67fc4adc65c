from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, LiveFeed, TrackStore, WorkerStore


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def lesson_store(database: Database) -> LessonStore:
    return LessonStore(database)


@pytest.fixture
def track_store(database: Database) -> TrackStore:
    return TrackStore(database)


@pytest.fixture
def worker_store(database: Database) -> WorkerStore:
    return WorkerStore(database)


@pytest.fixture
async def feed(database_url: str) -> AsyncIterator[LiveFeed]:
    async with LiveFeed(database_url) as live_feed:
        yield live_feed


@pytest.fixture
async def lesson(lesson_store: LessonStore, tenant_id: str) -> Lesson:
    return await lesson_store.create_lesson(tenant_id, title="Fractions")


@pytest.fixture
async def learner(lesson_store: LessonStore, lesson: Lesson) -> Participant:
    return await lesson_store.add_participant(lesson.tenant_id, lesson.id, "Ada", Role.LEARNER)
