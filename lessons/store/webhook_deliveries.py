"""The delivery log of webhooks: what was sent when, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime
from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotFound
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.tables import webhook_deliveries, webhook_lanes
from lessons.store.webhook_lanes import Lane

DeliveryStatus = Literal["delivered", "retrying", "failed"]

_WRITE = text(
    """
    INSERT INTO webhook_deliveries (
        tenant_id, webhook_id, id, lesson_id, sequence, event_id, event_type, status, attempts,
        last_attempt_at, next_attempt_at)
    SELECT :tenant_id, :webhook_id, id, :lesson_id, sequence, event_id, event_type, status,
        jsonb_build_array(attempt), (attempt->>'at')::timestamptz, next_attempt_at
    FROM jsonb_to_recordset(CAST(:entries AS jsonb)) AS entry (
        id text, sequence bigint, event_id text, event_type text, status text, attempt jsonb,
        next_attempt_at timestamptz)
    ON CONFLICT (tenant_id, webhook_id, id) DO UPDATE SET
        status = excluded.status,
        attempts = webhook_deliveries.attempts || excluded.attempts,
        last_attempt_at = excluded.last_attempt_at,
        next_attempt_at = excluded.next_attempt_at
    """
)


class DeliveryAttempt(Record):
    """One attempt.

    Attributes:
        duration_ms: until the answer, or until it was given up.
        status: the HTTP status of the answer; None without one.
        error: why it does not count as delivered; None where it does.
        answer: the beginning of the answer's body.
    """

    at: AwareDatetime
    duration_ms: int
    status: int | None = None
    error: str | None = None
    answer: str = ""


class Delivery(Record):
    """One message to a webhook, with every attempt to deliver it; its body is not kept."""

    id: str
    webhook_id: str
    lesson_id: str
    sequence: int
    event_id: str
    event_type: str
    status: DeliveryStatus
    attempts: list[DeliveryAttempt]
    last_attempt_at: AwareDatetime
    next_attempt_at: AwareDatetime | None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One attempt on its way into the log."""

    message_id: str
    sequence: int
    event_id: str
    event_type: str
    status: DeliveryStatus
    attempt: DeliveryAttempt
    next_attempt_at: datetime | None = None

    def row(self) -> dict[str, Any]:
        """Return the entry as JSON."""
        return {
            "id": self.message_id,
            "sequence": self.sequence,
            "event_id": self.event_id,
            "event_type": self.event_type,
            "status": self.status,
            "attempt": self.attempt.model_dump(mode="json"),
            "next_attempt_at": self.next_attempt_at.isoformat() if self.next_attempt_at else None,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a lane came.

    Attributes:
        delivered_sequence, failed_attempts, failed_at, due_at: as of a `Lane`.
        entries: the attempts that were made.
    """

    delivered_sequence: int
    failed_attempts: int
    failed_at: datetime | None
    due_at: datetime
    entries: Sequence[LogEntry]


class DeliveryLog:
    """Writes and reads the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, lane: Lane, progress: Progress) -> None:
        """Note what came of a lane's messages; a lane with nothing left to deliver goes."""
        async with self._database.transaction(lane.tenant_id) as connection:
            await _move(connection, lane, progress)
            if progress.entries:
                await connection.execute(
                    _WRITE,
                    {
                        "tenant_id": lane.tenant_id,
                        "webhook_id": lane.webhook_id,
                        "lesson_id": lane.lesson_id,
                        "entries": json.dumps([entry.row() for entry in progress.entries]),
                    },
                )

    async def list_deliveries(
        self,
        tenant_id: str,
        webhook_id: str,
        *,
        limit: int = 50,
        before: str | None = None,
        status: DeliveryStatus | None = None,
    ) -> list[Delivery]:
        """Return a webhook's deliveries, the last attempted first.

        Args:
            before: id of the last delivery of the page before this one.

        Raises:
            NotFound: there is no delivery `before`.
        """
        columns = webhook_deliveries.c
        query = (
            select(webhook_deliveries)
            .where(columns.tenant_id == tenant_id, columns.webhook_id == webhook_id)
            .order_by(columns.last_attempt_at.desc(), columns.id.desc())
            .limit(limit)
        )
        if status is not None:
            query = query.where(columns.status == status)
        async with self._database.transaction(tenant_id) as connection:
            if before is not None:
                last = await _read(connection, tenant_id, webhook_id, before)
                place = tuple_(columns.last_attempt_at, columns.id)
                query = query.where(place < (last.last_attempt_at, last.id))
            return [Delivery.model_validate(row) for row in await connection.execute(query)]

    async def get(self, tenant_id: str, webhook_id: str, message_id: str) -> Delivery:
        """Return one delivery.

        Raises:
            NotFound: the webhook's log has no such message.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await _read(connection, tenant_id, webhook_id, message_id)


async def _move(connection: AsyncConnection, lane: Lane, progress: Progress) -> None:
    columns = webhook_lanes.c
    this_lane = (
        columns.tenant_id == lane.tenant_id,
        columns.webhook_id == lane.webhook_id,
        columns.replay_id == lane.replay_id,
        columns.lesson_id == lane.lesson_id,
    )
    await connection.execute(
        update(webhook_lanes)
        .where(*this_lane)
        .values(
            delivered_sequence=progress.delivered_sequence,
            failed_attempts=progress.failed_attempts,
            failed_at=progress.failed_at,
            due_at=progress.due_at,
        )
    )
    await connection.execute(
        delete(webhook_lanes).where(*this_lane, columns.delivered_sequence >= columns.last_sequence)
    )


async def _read(
    connection: AsyncConnection, tenant_id: str, webhook_id: str, message_id: str
) -> Delivery:
    columns = webhook_deliveries.c
    query = select(webhook_deliveries).where(
        columns.tenant_id == tenant_id, columns.webhook_id == webhook_id, columns.id == message_id
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"The webhook's log has no message {message_id!r}.", field="message_id")
    return Delivery.model_validate(row)
