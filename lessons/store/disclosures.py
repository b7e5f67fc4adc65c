"""The disclosure log: who saw whose data, in which lesson, what, when and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from cachetools import TTLCache
from pydantic import AwareDatetime
from sqlalchemy import select, text

from lessons.identifiers import new_id
from lessons.policy import Credential
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.tables import disclosures

MAX_PAGE = 200
ONCE_IN_SECONDS = 60.0
"""Whoever goes on reading the same of the same person is entered once in this time."""

REMEMBERED = 50_000
"""Readings that one process remembers, so as not to enter them twice."""

DEFAULT_PURPOSES = {
    "api_key": "the platform's own systems",
    "participant": "taking part in the lesson",
    "person": "work with the learner's record",
}
"""Why, by kind of credential, where the reader does not say."""

# Participants are entered as the persons that they are; the reader's own data is no disclosure.
_RECORD = text(
    """
    INSERT INTO disclosures
        (tenant_id, person_id, id, disclosed_at, actor, role, purpose, what, lesson_id)
    SELECT :tenant_id, person_id, :id, now(), :actor, :role, :purpose, :what, :lesson_id
    FROM (
        SELECT person_id FROM participants
        WHERE tenant_id = :tenant_id AND id = ANY(CAST(:participant_ids AS text[]))
        UNION
        SELECT * FROM unnest(CAST(:person_ids AS text[]))
    ) AS seen (person_id)
    WHERE person_id IS DISTINCT FROM :own_person_id AND NOT EXISTS (
        SELECT FROM participants AS own WHERE own.tenant_id = :tenant_id
            AND own.id = :own_participant_id AND own.person_id = seen.person_id)
    """
)


class Disclosure(Record):
    """One time that somebody saw a person's data."""

    id: str
    person_id: str
    disclosed_at: AwareDatetime
    actor: str
    role: str
    purpose: str
    what: str
    lesson_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    """Who reads what of which lesson, and why."""

    reader: Credential
    what: str
    lesson_id: str | None
    purpose: str

    @property
    def place(self) -> tuple[str, ...]:
        """What has to be alike for two readings to be one."""
        return (self.reader.tenant_id, self.reader.actor, self.what, self.lesson_id or "")


class DisclosureLog:
    """Writes down what is about to be shown, and tells a person who has seen their data."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = WeakValueDictionary()
        self._entered: TTLCache[tuple[str, ...], None] = TTLCache(REMEMBERED, ONCE_IN_SECONDS)

    async def record(
        self,
        reader: Credential,
        what: str,
        *,
        lesson_id: str | None = None,
        participant_ids: Iterable[str] = (),
        person_ids: Iterable[str] = (),
        purpose: str | None = None,
    ) -> None:
        """Enter that a reader is about to see data of these people; call it before the answer.

        One's own data is not entered, nor what this process entered less than a minute ago.

        Args:
            what: `events`, `captions`, `progress`, `personal export`, ...
            participant_ids, person_ids: whose data it is; either or both.
            purpose: why, in the reader's own words.

        Raises:
            Unavailable: it cannot be entered, so nothing must be shown.
        """
        reading = _Reading(reader, what, lesson_id, purpose or DEFAULT_PURPOSES[reader.kind])
        people, persons = set(participant_ids), set(person_ids)
        if not self._new(reading, people | persons):
            return
        # Many streams of one reader open at once: the first one enters, the others wait for it.
        async with self._locks.setdefault(reading.place, asyncio.Lock()):
            fresh = self._new(reading, people), self._new(reading, persons)
            if any(fresh):
                await self._enter(reading, *fresh)

    async def _enter(self, reading: _Reading, people: list[str], persons: list[str]) -> None:
        reader = reading.reader
        values = {
            "tenant_id": reader.tenant_id,
            "id": new_id("dis"),
            "actor": reader.actor,
            "role": reader.role or reader.kind.replace("_", " "),
            "purpose": reading.purpose,
            "what": reading.what,
            "lesson_id": reading.lesson_id,
            "participant_ids": people,
            "person_ids": persons,
            "own_person_id": reader.person_id,
            "own_participant_id": reader.participant_id,
        }
        async with self._database.transaction(reader.tenant_id) as connection:
            await connection.execute(_RECORD, values)
        for item in (*people, *persons):
            self._entered[*reading.place, item] = None

    def _new(self, reading: _Reading, people: set[str]) -> list[str]:
        return [item for item in people if (*reading.place, item) not in self._entered]

    async def list_disclosures(
        self, tenant_id: str, person_id: str, limit: int = 50, before: str | None = None
    ) -> list[Disclosure]:
        """Return who saw a person's data, newest first.

        Args:
            before: id of the last disclosure of the page before this one.
        """
        query = (
            select(disclosures)
            .where(disclosures.c.tenant_id == tenant_id, disclosures.c.person_id == person_id)
            .order_by(disclosures.c.id.desc())
            .limit(min(limit, MAX_PAGE))
        )
        if before is not None:
            query = query.where(disclosures.c.id < before)
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [Disclosure.model_validate(row) for row in rows]
