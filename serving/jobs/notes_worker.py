"""The part of the jobs process that takes notes of live lessons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from lessons.store import Database, Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.store.lesson_claims import LessonClaims
from lessons.store.live_lessons import LiveLessons
from lessons.store.tenants import TenantStore
from models.segments.segmenter import shipped_segmenter
from models.talk_moves.loading import load_talk_moves
from serving.following import LessonFollower
from serving.jobs.clock import Clock, now_utc
from serving.notes.lesson_notes import NoteModels
from serving.notes.noted_lesson import NotedLesson, NoteTools
from serving.observability.notes_metrics import NotesMetrics

NOTES_WORK = 0x1EC7EA
"""Key of the advisory locks by which a lesson is claimed."""


def load_models() -> NoteModels:
    """Return the models that notes are taken with."""
    return NoteModels(shipped_segmenter(), load_talk_moves())


@asynccontextmanager
async def open_notes_work(
    database_url: str, database: Database, metrics: NotesMetrics, clock: Clock = now_utc
) -> AsyncIterator[LessonFollower]:
    """Open what notes are taken with; give every claim back at the end."""
    async with LessonClaims(database_url, NOTES_WORK) as claims:
        tools = NoteTools(
            Ledger(database),
            LessonStore(database),
            ConsentStore(database),
            TenantStore(database),
            cache(load_models),
            asyncio.Semaphore(1),
            metrics,
            clock,
        )
        yield LessonFollower(
            LiveLessons(database),
            claims,
            lambda lesson: NotedLesson(lesson, tools).run(),
            metrics.lessons,
        )
