"""Appending to the ledger: one lesson, under its row's lock, numbered without gaps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, NotFound
from lessons.events import EventDraft, LearningEvent
from lessons.privacy.sealing import SubjectKey
from lessons.store.event_rows import (
    EVENT_COLUMNS,
    digest_of,
    event_of_draft,
    events_as_stored,
    lesson_time_of,
    row_of,
)
from lessons.store.notices import CHANNEL, committed_notice
from lessons.store.subject_keys import SubjectKeys, keyring_of
from lessons.store.tables import learning_events
from lessons.store.tables import lessons as lesson_table

# One statement, one round trip; the notice leaves with the commit.
_INSERT = text(
    """
    WITH inserted AS (
        INSERT INTO learning_events (
            lesson_day, lesson_id, sequence, tenant_id, event_id, type, version, subject,
            occurred_at, lesson_time_ms, data, body_digest, person_id, sealed)
        SELECT :day, :lesson_id, sequence, :tenant_id, event_id, type, version, subject,
            occurred_at, lesson_time_ms, data, decode(body_digest, 'hex'),
            person_id, decode(sealed, 'base64')
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
            sequence bigint, event_id text, type text, version integer, subject text,
            occurred_at timestamptz, lesson_time_ms bigint, data jsonb, body_digest text,
            person_id text, sealed text)
    ), counted AS (
        UPDATE lessons SET last_sequence = :last
        WHERE tenant_id = :tenant_id AND id = :lesson_id
        RETURNING course_id
    ), committed AS (
        INSERT INTO ledger_commits (
            tenant_id, lesson_id, lesson_day, course_id, first_sequence, last_sequence)
        SELECT :tenant_id, :lesson_id, :day, course_id, :first, :last FROM counted
    )
    SELECT pg_notify(:channel, :notice)
    """
)


@dataclass(frozen=True, slots=True)
class Appended:
    """An event in the ledger; `created` is false where it was there before."""

    event: LearningEvent
    created: bool


async def append_in(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
) -> list[Appended]:
    """Append within a transaction of the caller, so that events commit with what they tell of."""
    append = await LockedLedger.begin(connection, tenant_id, lesson_id, drafts)
    outcomes = [append.place(draft) for draft in drafts]
    await append.write()
    return outcomes


class LockedLedger:
    """One append under the lesson row's lock: look up, number, write."""

    def __init__(
        self,
        connection: AsyncConnection,
        tenant_id: str,
        lesson: RowMapping,
        keys: SubjectKeys,
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._lesson = lesson
        self._keys = keys
        self._now = datetime.now(UTC)
        self._last: int = lesson["last_sequence"]
        self._known: dict[str, tuple[bytes, LearningEvent]] = {}
        self._rows: list[dict[str, Any]] = []

    @classmethod
    async def begin(
        cls,
        connection: AsyncConnection,
        tenant_id: str,
        lesson_id: str,
        drafts: Sequence[EventDraft],
    ) -> LockedLedger:
        """Lock the lesson, find the persons' keys, and which of the ids are stored already."""
        row = await connection.execute(
            select(
                lesson_table.c.id,
                lesson_table.c.day,
                lesson_table.c.started_at,
                lesson_table.c.last_sequence,
            )
            .where(lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id)
            .with_for_update()
        )
        lesson = row.mappings().one_or_none()
        if lesson is None:
            raise lesson_not_found(lesson_id)
        people = {draft.sealed_for for draft in drafts if draft.sealed_for}
        keys = await keyring_of(connection).of_participants(connection, tenant_id, people)
        append = cls(connection, tenant_id, lesson, keys)
        await append._look_up([draft.id for draft in drafts])
        return append

    async def _look_up(self, ids: list[str]) -> None:
        # Not in the locking statement: that one's snapshot is older than the lock, so it would
        # miss what another writer committed while this one waited.
        events = learning_events
        rows = await self._connection.execute(
            select(*EVENT_COLUMNS, events.c.body_digest).where(
                events.c.lesson_day == self._lesson["day"],
                events.c.lesson_id == self._lesson["id"],
                events.c.event_id.in_(ids),
            )
        )
        known = rows.mappings().all()
        stored = await events_as_stored(self._connection, self._tenant_id, known)
        for row, event in zip(known, stored, strict=True):
            self._known[row["event_id"]] = (bytes(row["body_digest"]), event)

    def place(self, draft: EventDraft) -> Appended:
        """Give the draft the next number, or find it stored already.

        Raises:
            Conflict: the id is taken by another body, or the person of the draft was erased.
        """
        key = self._key_of(draft)
        digest = digest_of(draft, key)
        if draft.id in self._known:
            stored_digest, stored = self._known[draft.id]
            if stored_digest != digest and not _repeats(draft, stored):
                raise Conflict(
                    f"Event {draft.id} is stored with another body.",
                    field="id",
                    fix="Give a new event a new id; to repeat one, send exactly the same body.",
                )
            return Appended(stored, created=False)
        lesson = (self._tenant_id, self._lesson["id"])
        lesson_time_ms = draft.lesson_time_ms
        if lesson_time_ms is None:
            lesson_time_ms = lesson_time_of(self._now, self._lesson["started_at"])
        place = {"sequence": self._last + 1, "lesson_time_ms": lesson_time_ms}
        row = row_of(draft, digest, key, lesson, self._now) | place
        event = event_of_draft(draft, row, lesson, place)
        self._last += 1
        self._rows.append(row)
        self._known[draft.id] = (digest, event)
        return Appended(event, created=True)

    def _key_of(self, draft: EventDraft) -> SubjectKey | None:
        if draft.sealed_for is None:
            return None
        key = self._keys[draft.sealed_for]
        if key is None:
            raise Conflict(
                f"The record of {draft.sealed_for} was erased, and nothing is added to it.",
                field="subject",
                fix="Add the person to the lesson anew, with consent of theirs.",
            )
        return key

    async def write(self) -> None:
        """Insert the new events, count them on the lesson, and leave the notice."""
        if not self._rows:
            return
        lesson_id = self._lesson["id"]
        await self._connection.execute(
            _INSERT,
            {
                "day": self._lesson["day"],
                "lesson_id": lesson_id,
                "tenant_id": self._tenant_id,
                "rows": json.dumps(self._rows),
                "first": self._rows[0]["sequence"],
                "last": self._last,
                "channel": CHANNEL,
                "notice": committed_notice(self._tenant_id, lesson_id, self._last),
            },
        )


def _repeats(draft: EventDraft, stored: LearningEvent) -> bool:
    """Tell whether the draft says what is stored, though its digest is another.

    So it is where the stored one was digested before its type got a newer version or a new field.
    """
    return (
        draft.data == stored.data
        and draft.subject == stored.subject
        and draft.time in (None, stored.time)
        and draft.lesson_time_ms in (None, stored.lessontimems)
    )


def lesson_not_found(lesson_id: str) -> NotFound:
    """Return the error for a lesson that the tenant does not have."""
    return NotFound(
        f"There is no lesson {lesson_id!r}.", field="lesson_id", fix="List them at GET /v1/lessons."
    )
