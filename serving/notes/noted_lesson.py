"""Takes notes of one live lesson: reads its ledger as it grows, and writes what can be told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from features.reading.material import MATERIAL_TYPES
from lessons.errors import Conflict, LecternError, NotFound
from lessons.events import (
    CaptionFinal,
    ComprehensionObserved,
    EventDraft,
    LearningEvent,
    SegmentClosed,
    SpeakingStopped,
    TalkMoveObserved,
)
from lessons.privacy.consent import ConsentMissing
from lessons.records import Lesson
from lessons.store import Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.store.ledger import MAX_PAGE
from lessons.store.regions import WrongRegion
from lessons.store.tenants import TenantStore
from serving.jobs.clock import Clock
from serving.notes.lesson_notes import LessonNotes, NoteModels
from serving.notes.present import Present
from serving.observability.notes_metrics import NotesMetrics

logger = logging.getLogger(__name__)

REST_SECONDS = 2.0
"""Between two looks at a lesson: a note comes at most about so much later than it could."""

STEP_SECONDS = 120.0
"""Longest time for one page of a lesson's events, which only a restart makes so many."""

RETRY_SECONDS = 2.0
CONSENTS_MS = 15_000
"""How long what is known of consents is good, where no event tells of a change."""

NOTE_TYPES = (SegmentClosed.type, TalkMoveObserved.type, ComprehensionObserved.type)

READ_TYPES = tuple(one for one in MATERIAL_TYPES if one != SpeakingStopped.type)


@dataclass(frozen=True, slots=True)
class NoteTools:
    """What notes are taken with; all lessons of a process share them.

    Attributes:
        models: returns the models, loaded when the first lesson needs them.
        turn: held while a lesson computes: one at a time, so that notes take one core at most, or
            some, where models are served and lessons wait for the same call.
    """

    ledger: Ledger
    lessons: LessonStore
    consents: ConsentStore
    tenants: TenantStore
    models: Callable[[], NoteModels]
    turn: asyncio.Semaphore
    metrics: NotesMetrics
    clock: Clock


class NotedLesson:
    """One lesson for as long as it is live and its tenant wants summaries.

    Nothing is kept but what the ledger tells: after whatever fails, it is gone through again.
    """

    def __init__(self, lesson: Lesson, tools: NoteTools) -> None:
        self._lesson = lesson
        self._where = (lesson.tenant_id, lesson.id)
        self._started_at = lesson.started_at or tools.clock()
        self._tools = tools
        self._notes: LessonNotes | None = None
        self._present = Present()
        self._asked_ms = 0
        self._limit: asyncio.Timeout | None = None

    async def run(self) -> None:
        """Take notes until the lesson ends, or its tenant wants none."""
        goes_on = await self._step()
        while goes_on:
            await asyncio.sleep(REST_SECONDS)
            goes_on = await self._step()

    async def _step(self) -> bool:
        try:
            async with asyncio.timeout(STEP_SECONDS) as self._limit:
                return await self.advance()
        except (NotFound, WrongRegion):
            return False
        except (LecternError, TimeoutError) as error:
            logger.warning("notes of lesson %s wait: %s", self._lesson.id, error or "too slow")
            await asyncio.sleep(RETRY_SECONDS)
            return True

    async def advance(self) -> bool:
        """Read what is new and tell what can be told; return whether the lesson goes on.

        Raises:
            NotFound: the lesson is no more.
            Unavailable: the database does not answer; what was to be written is made again.
        """
        notes, self._notes = self._notes, None
        if notes is None and not await self._is_wanted():
            return False
        notes = await self._up_to_date(notes)
        over = notes.ended_ms is not None
        async with self._tools.turn:
            told = notes.end if over else self._told(notes)
            drafts = await asyncio.to_thread(told)
        await self._write(drafts)
        self._notes = notes
        return not over

    def now_ms(self) -> int:
        """Return the lesson clock."""
        return max(0, (self._tools.clock() - self._started_at) // timedelta(milliseconds=1))

    def _told(self, notes: LessonNotes) -> Callable[[], list[EventDraft]]:
        now_ms = self.now_ms()
        return lambda: notes.notes(now_ms)

    async def _is_wanted(self) -> bool:
        settings = await self._tools.tenants.settings(self._lesson.tenant_id)
        return settings.features.summaries

    async def _up_to_date(self, notes: LessonNotes | None) -> LessonNotes:
        """Return notes with all that the ledger has, begun anew where others refuse by now."""
        notes = notes or await self._begin()
        await self._read(notes)
        if notes.consents_changed or self.now_ms() - self._asked_ms >= CONSENTS_MS:
            notes.consents_changed = False
            before = self._present.refusing
            await self._ask()
            if self._present.refusing != before:
                notes = await self._begin()
                await self._read(notes)
                notes.consents_changed = False
        return notes

    async def _begin(self) -> LessonNotes:
        await self._ask()
        told = await self._tools.ledger.read_all(*self._where, NOTE_TYPES)
        async with self._tools.turn:
            models = await asyncio.to_thread(self._tools.models)
        return LessonNotes(models, self._present, told)

    async def _ask(self) -> None:
        """Look up who is in the lesson, and what they consent to."""
        roll = await self._tools.lessons.list_participants(*self._where)
        ids = [one.id for one in roll]
        consents = await self._tools.consents.of_participants(*self._where, ids)
        self._present = Present(tuple(roll), consents)
        self._asked_ms = self.now_ms()

    async def _read(self, notes: LessonNotes) -> None:
        while True:
            page = await self._tools.ledger.read(*self._where, notes.sequence, MAX_PAGE, READ_TYPES)
            if _speakers(page) - self._present.consents.keys():
                await self._ask()
                notes.know(self._present)
            async with self._tools.turn:
                await asyncio.to_thread(_take, notes, page)
            if len(page) < MAX_PAGE:
                return
            if self._limit is not None:
                self._limit.reschedule(asyncio.get_running_loop().time() + STEP_SECONDS)

    async def _write(self, drafts: Sequence[EventDraft]) -> None:
        metrics = self._tools.metrics
        outcomes = await self._tools.ledger.append_each(*self._where, drafts)
        for draft, outcome in zip(drafts, outcomes, strict=True):
            if isinstance(outcome, LecternError):
                metrics.refused.labels(_refusal(outcome)).inc()
            elif outcome.created:
                late_ms = self.now_ms() - (draft.lesson_time_ms or 0)
                metrics.told(draft.data.type, late_ms / 1000)
            else:
                metrics.refused.labels("known").inc()


def _take(notes: LessonNotes, page: Sequence[LearningEvent]) -> None:
    for event in page:
        notes.take(event)


def _speakers(page: Sequence[LearningEvent]) -> set[str]:
    return {one.data.participant_id for one in page if isinstance(one.data, CaptionFinal)}


def _refusal(error: LecternError) -> str:
    if isinstance(error, ConsentMissing):
        return "no_consent"
    return "known" if isinstance(error, Conflict) else "stranger"
