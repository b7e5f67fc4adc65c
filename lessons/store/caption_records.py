"""The events that lessons' captions are made of, remembered: each is read and opened once.

Each player of HLS subtitles asks for all of a lesson's captions every few seconds. What was read is
given again only after one statement has asked the store whether it still may be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakValueDictionary

from cachetools import LRUCache, TTLCache
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.accessibility.record import RECORD_TYPES
from lessons.events import LearningEvent
from lessons.store.appending import lesson_not_found
from lessons.store.database import Database
from lessons.store.ledger import Ledger
from lessons.store.tables import erasures

REMEMBERED_EVENTS = 20_000
"""Of all lessons together; about 4 KB each."""

REMEMBERED_SECONDS = 60.0
"""How long what retention deletes may still be read after its nightly sweep."""

REMEMBERED_TENANTS = 10_000

Lesson = tuple[str, str]
"""Ids of the tenant and the lesson."""

# An erasure has no number in the lesson, so those of the tenant are counted.
_STANDING = text(
    """
    SELECT lessons.last_sequence, (tenants.effective -> 'captions')::text AS captions,
        (tenants.effective -> 'languages')::text AS languages,
        (SELECT count(*) FROM erasures WHERE tenant_id = :tenant_id) AS erasures
    FROM lessons LEFT JOIN tenants ON tenants.id = lessons.tenant_id
    WHERE lessons.tenant_id = :tenant_id AND lessons.id = :lesson_id
    """
)


class _Rules(NamedTuple):
    """What decides how stored events are read: masked words, and who was erased."""

    captions: str | None
    languages: str | None
    erasures: int


class _Remembered(NamedTuple):
    rules: _Rules
    through: int
    events: tuple[LearningEvent, ...]


class CaptionRecords:
    """Reads the events of a lesson's captions, and of the record of how they serve.

    Who may see which of them, its callers decide: nothing here depends on the reader.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = Ledger(database)
        self._remembered: TTLCache[Lesson, _Remembered] = TTLCache(
            REMEMBERED_EVENTS, REMEMBERED_SECONDS, getsizeof=lambda one: len(one.events) + 1
        )
        self._locks: WeakValueDictionary[Lesson, asyncio.Lock] = WeakValueDictionary()
        self._erasures: LRUCache[str, int] = LRUCache(REMEMBERED_TENANTS)

    async def events(self, tenant_id: str, lesson_id: str) -> Sequence[LearningEvent]:
        """Return all events of `RECORD_TYPES` as they may be read now, in ledger order.

        Raises:
            NotFound: the tenant has no such lesson.
            Unavailable: the database does not answer.
        """
        lesson = (tenant_id, lesson_id)
        async with self._locks.setdefault(lesson, asyncio.Lock()):
            async with self._database.transaction(tenant_id) as connection:
                rules, newest = await self._standing(connection, lesson)
            known = self._remembered.get(lesson)
            if known is None or known.rules != rules or known.through > newest:
                known = _Remembered(rules, 0, ())
            if known.through < newest:
                known = _Remembered(rules, newest, await self._read_on(lesson, known))
                self._remembered.pop(lesson, None)
                if len(known.events) < REMEMBERED_EVENTS:
                    self._remembered[lesson] = known
            return known.events

    async def _standing(self, connection: AsyncConnection, lesson: Lesson) -> tuple[_Rules, int]:
        tenant_id, lesson_id = lesson
        values = {"tenant_id": tenant_id, "lesson_id": lesson_id}
        row = (await connection.execute(_STANDING, values)).one_or_none()
        if row is None:
            raise lesson_not_found(lesson_id)
        if row.erasures != self._erasures.get(tenant_id, 0):
            # Another process may have erased them, and their keys are remembered here yet.
            query = select(erasures.c.person_id).where(erasures.c.tenant_id == tenant_id)
            for person_id in await connection.scalars(query):
                self._database.keyring.forget(tenant_id, person_id)
            self._erasures[tenant_id] = row.erasures
        return _Rules(row.captions, row.languages, row.erasures), row.last_sequence

    async def _read_on(self, lesson: Lesson, known: _Remembered) -> tuple[LearningEvent, ...]:
        return (*known.events, *await self._ledger.read_all(*lesson, RECORD_TYPES, known.through))
