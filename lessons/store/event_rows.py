"""Rows of the ledger's table: what a draft is stored as, sealed, and how it becomes an event."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.events import (
    EVENT_TYPES,
    EventDraft,
    LearningEvent,
    current_data,
    lesson_source,
)
from lessons.events.privacy import EventErased
from lessons.privacy.masking import MASKED_TYPES
from lessons.privacy.sealing import SubjectKey
from lessons.store.masking import masking_in
from lessons.store.subject_keys import SubjectKeys, keyring_of
from lessons.store.tables import learning_events

EVENT_COLUMNS = tuple(
    column for column in learning_events.c if column.name not in ("lesson_day", "body_digest")
)
"""What `events_of` needs of a row."""


def digest_of(draft: EventDraft, key: SubjectKey | None) -> bytes:
    """Return a digest of what the writer said, which does not depend on when it arrived.

    For a body under a person's key it is keyed too, or short bodies could be guessed from it.
    """
    body = {
        "type": draft.data.type,
        "version": draft.data.version,
        "subject": draft.subject,
        "time": draft.time.astimezone(UTC).isoformat() if draft.time else None,
        "lesson_time_ms": draft.lesson_time_ms,
        "data": draft.data.model_dump(mode="json"),
    }
    text_of_body = json.dumps(body, sort_keys=True).encode()
    return key.digest(text_of_body) if key else hashlib.sha256(text_of_body).digest()


def row_of(
    draft: EventDraft,
    digest: bytes,
    key: SubjectKey | None,
    lesson: tuple[str, str],
    now: datetime,
) -> dict[str, Any]:
    """Return a draft as JSON for the table, but for its number.

    Args:
        key: seals the body; None leaves it in the open.
        lesson: ids of the tenant and the lesson, which a sealed body is bound to.
        now: when it happened, for a draft that does not say.
    """
    row: dict[str, Any] = {
        "event_id": draft.id,
        "type": draft.data.type,
        "version": draft.data.version,
        "subject": draft.subject,
        "occurred_at": (draft.time or now).astimezone(UTC).isoformat(),
        "lesson_time_ms": draft.lesson_time_ms,
        "body_digest": digest.hex(),
    }
    if key is None:
        return row | {"data": draft.data.model_dump(mode="json")}
    sealed = key.seal(draft.data.model_dump_json().encode(), _place(*lesson, row))
    return row | {"person_id": key.person_id, "sealed": base64.b64encode(sealed).decode()}


def lesson_time_of(now: datetime, started_at: datetime | None) -> int:
    """Return the lesson clock in milliseconds; it stands at 0 until the lesson starts."""
    return max(0, (now - (started_at or now)) // timedelta(milliseconds=1))


def event_of_draft(
    draft: EventDraft, row: Mapping[str, Any], lesson: tuple[str, str], place: Mapping[str, int]
) -> LearningEvent:
    """Return the event that a draft has become.

    Args:
        row: what is stored of it.
        lesson: ids of the tenant and the lesson.
        place: its `sequence` and `lesson_time_ms`.
    """
    # The data is typed already, unlike what comes back from the table.
    return _event({**row, **place, "tenant_id": lesson[0], "lesson_id": lesson[1]}, draft.data)


async def events_of(
    connection: AsyncConnection, tenant_id: str, rows: Sequence[RowMapping]
) -> list[LearningEvent]:
    """Return the events of rows with `EVENT_COLUMNS` as they may be read: bodies opened, masked.

    This is the way of every reader: what a tenant has masked in captions is masked here. An event
    whose person was erased comes back as `event.erased`, in its place.

    Raises:
        SealBroken: a body was changed in the store.
    """
    events = await events_as_stored(connection, tenant_id, rows)
    if not any(event.type in MASKED_TYPES for event in events):
        return events
    masking = await masking_in(connection, tenant_id)
    if not masking.is_on:
        return events
    return [event.model_copy(update={"data": masking.of_event(event.data)}) for event in events]


async def events_as_stored(
    connection: AsyncConnection, tenant_id: str, rows: Sequence[RowMapping]
) -> list[LearningEvent]:
    """Return the events of rows with nothing masked.

    For whoever compares bodies, for a person who takes away their own record, and for putting a
    masked caption right: no other reader.
    """
    people = {row["person_id"] for row in rows if row["person_id"] is not None}
    keys: SubjectKeys = {}
    if people:
        keys = await keyring_of(connection).of_people(connection, tenant_id, people)
    return [_opened(row, keys) for row in rows]


def _opened(row: RowMapping, keys: SubjectKeys) -> LearningEvent:
    if row["sealed"] is None:
        return _event(row, current_data(row["type"], row["version"], row["data"]))
    key = keys[row["person_id"]]
    if key is None:
        return _event({**row, "type": EventErased.type}, EventErased(erased_type=row["type"]))
    body = key.open(bytes(row["sealed"]), _place(row["tenant_id"], row["lesson_id"], row))
    return _event(row, current_data(row["type"], row["version"], json.loads(body)))


def _place(tenant_id: str, lesson_id: str, row: RowMapping | Mapping[str, Any]) -> str:
    """Return what a sealed body is bound to: in another row it does not open."""
    return f"{tenant_id}/{lesson_id}/{row['event_id']}/{row['type']}/{row['version']}"


def _event(row: RowMapping | Mapping[str, Any], data: object) -> LearningEvent:
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
            "data": data,
        }
    )
