"""Who captions a lesson by hand, followed in the ledger for what sends captions out one by one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from cachetools import TTLCache

from lessons.events import CaptionerTookOver, CaptionFinal
from lessons.store.database import Database
from lessons.store.ledger import MAX_PAGE, Ledger
from lessons.takeovers import TAKEOVER_TYPES, Takeovers

REMEMBERED_LESSONS = 1_000
REMEMBERED_SECONDS = 600.0
"""Afterwards a lesson is read again from its first takeover on."""

_FIRST = (CaptionerTookOver.type,)
_FOLLOWED = (*TAKEOVER_TYPES, CaptionFinal.type)


@dataclass(slots=True)
class _Followed:
    takeovers: Takeovers = field(default_factory=Takeovers)
    through: int = 0
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class LessonTakeovers:
    """The takeovers of lessons. Only the ledger knows them: a restart reads them again.

    Each part of a ledger is read once for as long as the lesson is remembered, and up to its first
    takeover nothing but that is looked for: until then nothing can be superseded.
    """

    def __init__(self, database: Database) -> None:
        self._ledger = Ledger(database)
        self._lessons: TTLCache[tuple[str, str], _Followed] = TTLCache(
            REMEMBERED_LESSONS, REMEMBERED_SECONDS
        )

    async def through(self, tenant_id: str, lesson_id: str, sequence: int) -> Takeovers:
        """Return the takeovers of which the lesson tells up to `sequence`, or further.

        Raises:
            NotFound: the tenant has no such lesson.
            Unavailable: the database does not answer.
        """
        lesson = (tenant_id, lesson_id)
        followed = self._lessons.get(lesson)
        if followed is None:
            followed = self._lessons[lesson] = _Followed()
        async with followed.reading:
            while followed.through < sequence:
                await self._read_on(lesson, followed, sequence)
        return followed.takeovers

    async def _read_on(self, lesson: tuple[str, str], followed: _Followed, sequence: int) -> None:
        begun = bool(followed.takeovers.spans)
        limit = MAX_PAGE if begun else 1
        types = _FOLLOWED if begun else _FIRST
        page = await self._ledger.read(*lesson, followed.through, limit, types)
        for event in page:
            followed.takeovers.follow(event)
        last = page[-1].ledgersequence if page else 0
        # What is on a full page ends there; behind any other there is nothing up to `sequence`.
        followed.through = last if len(page) == limit else max(last, sequence)
