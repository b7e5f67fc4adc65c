"""The ledger: each lesson's events, numbered consecutively in the order in which they commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, InvalidInput, LecternError, NotFound
from lessons.events import EVENT_TYPES, EventDraft, LearningEvent, known_type, lesson_source
from lessons.store.database import Database
from lessons.store.notices import CHANNEL, committed_notice
from lessons.store.tables import learning_events, participants
from lessons.store.tables import lessons as lesson_table

MAX_PAGE = 1000
"""Most events that one `read` returns."""

# One statement, one round trip; the notice leaves with the commit.
_INSERT = text(
    """
    WITH inserted AS (
        INSERT INTO learning_events (
            lesson_day, lesson_id, sequence, tenant_id, event_id, type, version, subject,
            occurred_at, lesson_time_ms, data, body_digest)
        SELECT :day, :lesson_id, sequence, :tenant_id, event_id, type, version, subject,
            occurred_at, lesson_time_ms, data, decode(body_digest, 'hex')
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
            sequence bigint, event_id text, type text, version integer, subject text,
            occurred_at timestamptz, lesson_time_ms bigint, data jsonb, body_digest text)
    ), counted AS (
        UPDATE lessons SET last_sequence = :last
        WHERE tenant_id = :tenant_id AND id = :lesson_id
    )
    SELECT pg_notify(:channel, :notice)
    """
)


@dataclass(frozen=True, slots=True)
class Appended:
    """An event in the ledger; `created` is false where it was there before."""

    event: LearningEvent
    created: bool


class Ledger:
    """Appends and reads learning events.

    Appending is idempotent by id for as long as the event is kept: the same id and body gives the
    stored event back, the same id with another body is a conflict.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(
        self, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
    ) -> list[Appended]:
        """Store the drafts, all or none, and tell every `LiveFeed` of the commit.

        Raises:
            NotFound: the tenant has no such lesson.
            Conflict: an id is taken by an event with another body.
            Unavailable: the database is away; repeat with the same drafts.
        """
        if not drafts:
            return []
        async with self._database.transaction(tenant_id) as connection:
            return await append_in(connection, tenant_id, lesson_id, drafts)

    async def append_each(
        self, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
    ) -> list[Appended | LecternError]:
        """Store what can be stored of a platform's batch; one outcome per draft, in order.

        A draft is refused with Conflict as in `append`, or with InvalidInput where its subject is
        nobody in the lesson; the others are stored.

        Raises:
            NotFound: the tenant has no such lesson.
            Unavailable: the database is away; nothing was stored, or all of it: repeat.
        """
        if not drafts:
            return []
        async with self._database.transaction(tenant_id) as connection:
            append = await _Append.begin(connection, tenant_id, lesson_id, drafts)
            strangers = await _strangers(connection, tenant_id, lesson_id, drafts)
            outcomes: list[Appended | LecternError] = []
            for draft in drafts:
                try:
                    if draft.subject in strangers:
                        raise _stranger(draft.subject)
                    outcomes.append(append.place(draft))
                except (Conflict, InvalidInput) as refused:
                    outcomes.append(refused)
            await append.write()
            return outcomes

    async def read(
        self,
        tenant_id: str,
        lesson_id: str,
        after: int = 0,
        limit: int = 500,
        types: Collection[str] | None = None,
    ) -> list[LearningEvent]:
        """Return up to `limit` events with a sequence number past `after`, in order.

        Args:
            types: only these types; None means all.

        Raises:
            NotFound: the tenant has no such lesson.
            InvalidInput: `limit` or `after` is out of range, or a type is unknown.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise InvalidInput(f"The limit lies outside of 1..{MAX_PAGE}.", field="limit")
        if after < 0:
            raise InvalidInput("Sequence numbers are not negative.", field="after")
        events = learning_events
        query = (
            select(*_EVENT_COLUMNS)
            .join(
                lesson_table,
                (lesson_table.c.day == events.c.lesson_day)
                & (lesson_table.c.id == events.c.lesson_id),
            )
            .where(
                lesson_table.c.tenant_id == tenant_id,
                lesson_table.c.id == lesson_id,
                events.c.sequence > after,
            )
            .order_by(events.c.sequence)
            .limit(limit)
        )
        if types is not None:
            query = query.where(events.c.type.in_([known_type(name) for name in types]))
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                await _require_lesson(connection, tenant_id, lesson_id)
        return [_event(row) for row in rows]


async def append_in(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
) -> list[Appended]:
    """Append within a transaction of the caller, so that events commit with what they tell of."""
    append = await _Append.begin(connection, tenant_id, lesson_id, drafts)
    outcomes = [append.place(draft) for draft in drafts]
    await append.write()
    return outcomes


_EVENT_COLUMNS = tuple(
    column for column in learning_events.c if column.name not in ("lesson_day", "body_digest")
)


class _Append:
    """One append under the lesson row's lock: look up, number, write."""

    def __init__(self, connection: AsyncConnection, tenant_id: str, lesson: RowMapping) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._lesson = lesson
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
    ) -> _Append:
        """Lock the lesson, then find which of the ids are stored already."""
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
        append = cls(connection, tenant_id, lesson)
        await append._look_up([draft.id for draft in drafts])
        return append

    async def _look_up(self, ids: list[str]) -> None:
        # Not in the locking statement: that one's snapshot is older than the lock, so it would
        # miss what another writer committed while this one waited.
        events = learning_events
        rows = await self._connection.execute(
            select(*_EVENT_COLUMNS, events.c.body_digest).where(
                events.c.lesson_day == self._lesson["day"],
                events.c.lesson_id == self._lesson["id"],
                events.c.event_id.in_(ids),
            )
        )
        for row in rows.mappings():
            self._known[row["event_id"]] = (bytes(row["body_digest"]), _event(row))

    def place(self, draft: EventDraft) -> Appended:
        """Give the draft the next number, or find it stored already."""
        digest = _body_digest(draft)
        if draft.id in self._known:
            stored_digest, stored = self._known[draft.id]
            if stored_digest != digest:
                raise Conflict(
                    f"Event {draft.id} is stored with another body.",
                    field="id",
                    fix="Give a new event a new id; to repeat one, send exactly the same body.",
                )
            return Appended(stored, created=False)
        row = self._row(draft, digest)
        event = _event({**row, "tenant_id": self._tenant_id, "lesson_id": self._lesson["id"]})
        self._last = row["sequence"]
        self._rows.append(row)
        self._known[draft.id] = (digest, event)
        return Appended(event, created=True)

    def _row(self, draft: EventDraft, digest: bytes) -> dict[str, Any]:
        occurred_at = draft.time or self._now
        lesson_time_ms = draft.lesson_time_ms
        if lesson_time_ms is None:
            started_at: datetime = self._lesson["started_at"] or self._now
            lesson_time_ms = max(0, round((self._now - started_at).total_seconds() * 1000))
        return {
            "sequence": self._last + 1,
            "event_id": draft.id,
            "type": draft.data.type,
            "version": draft.data.version,
            "subject": draft.subject,
            "occurred_at": occurred_at.isoformat(),
            "lesson_time_ms": lesson_time_ms,
            "data": draft.data.model_dump(mode="json"),
            "body_digest": digest.hex(),
        }

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
                "last": self._last,
                "channel": CHANNEL,
                "notice": committed_notice(self._tenant_id, lesson_id, self._last),
            },
        )


def _body_digest(draft: EventDraft) -> bytes:
    """Return the SHA-256 of what the writer said, which does not depend on when it arrived."""
    body = {
        "type": draft.data.type,
        "version": draft.data.version,
        "subject": draft.subject,
        "time": draft.time.astimezone(UTC).isoformat() if draft.time else None,
        "lesson_time_ms": draft.lesson_time_ms,
        "data": draft.data.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()


def _event(row: RowMapping | dict[str, Any]) -> LearningEvent:
    event_class = EVENT_TYPES[row["type"]]
    return event_class.model_validate(
        {
            "id": row["event_id"],
            "source": lesson_source(row["lesson_id"]),
            "type": row["type"],
            "subject": row["subject"],
            "time": row["occurred_at"],
            "tenantid": row["tenant_id"],
            "lessonid": row["lesson_id"],
            "lessontimems": row["lesson_time_ms"],
            "ledgersequence": row["sequence"],
            "data": row["data"],
        }
    )


async def _strangers(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
) -> set[str]:
    """Return those subjects of the drafts that are no participants of the lesson."""
    subjects = {draft.subject for draft in drafts if draft.subject is not None}
    if not subjects:
        return set()
    found = await connection.scalars(
        select(participants.c.id).where(
            participants.c.tenant_id == tenant_id,
            participants.c.lesson_id == lesson_id,
            participants.c.id.in_(subjects),
        )
    )
    return subjects - set(found)


def _stranger(subject: str | None) -> InvalidInput:
    return InvalidInput(
        f"Nobody in this lesson has the id {subject!r}.",
        field="subject",
        fix="Add the participant first, or give the id that adding them returned.",
    )


async def _require_lesson(connection: AsyncConnection, tenant_id: str, lesson_id: str) -> None:
    found = await connection.scalar(
        select(lesson_table.c.id).where(
            lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id
        )
    )
    if found is None:
        raise lesson_not_found(lesson_id)


def lesson_not_found(lesson_id: str) -> NotFound:
    """Return the error for a lesson that the tenant does not have."""
    return NotFound(
        f"There is no lesson {lesson_id!r}.", field="lesson_id", fix="List them at GET /v1/lessons."
    )
