"""The part of the jobs process that takes notes of live lessons."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from lessons.store import Database, Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.store.lesson_claims import LessonClaims
from lessons.store.live_lessons import LiveLessons
from lessons.store.tenants import TenantStore
from serving.following import LessonFollower
from serving.jobs.clock import Clock, now_utc
from serving.notes.lesson_notes import NoteModels
from serving.notes.noted_lesson import NotedLesson, NoteTools
from serving.observability.notes_metrics import NotesMetrics
from serving.reading.models import InProcessModels, ReadingModels

NOTES_WORK = 0x1EC7EA
"""Key of the advisory locks by which a lesson is claimed."""


def note_models(models: ReadingModels) -> NoteModels:
    """Return the models that notes are taken with.

    Raises:
        Unavailable: they are served, and away.
    """
    return NoteModels(models.segmenter(), models.talk_moves())


@asynccontextmanager
async def open_notes_work(
    database_url: str,
    database: Database,
    metrics: NotesMetrics,
    models: ReadingModels | None = None,
    clock: Clock = now_utc,
) -> AsyncIterator[LessonFollower]:
    """Open what notes are taken with; give every claim back at the end.

    Args:
        models: that lessons are read with; None: those of this process.
    """
    models = models or InProcessModels()
    async with LessonClaims(database_url, NOTES_WORK) as claims:
        tools = NoteTools(
            Ledger(database),
            LessonStore(database),
            ConsentStore(database),
            TenantStore(database),
            partial(note_models, models),
            asyncio.Semaphore(models.at_once),
            metrics,
            clock,
        )
        yield LessonFollower(
            LiveLessons(database),
            claims,
            lambda lesson: NotedLesson(lesson, tools).run(),
            metrics.lessons,
        )
