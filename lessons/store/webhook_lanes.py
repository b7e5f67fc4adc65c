"""What waits for webhooks: one lane for each webhook and lesson, in the order of the ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotFound
from lessons.identifiers import new_id
from lessons.records import Record
from lessons.store.commits import MAX_COMMITS, Commit, Cursor, commits_in
from lessons.store.database import Database
from lessons.store.tables import ledger_commits, webhook_deliveries, webhook_lanes, webhooks
from lessons.store.webhooks import read_webhook

LIVE = ""
"""The `replay_id` of lanes that carry what is new."""

_WHOLE_COMMIT = 2**63 - 1

_EXTEND = text(
    """
    INSERT INTO webhook_lanes (
        tenant_id, webhook_id, replay_id, lesson_id, delivered_sequence, last_sequence, due_at)
    SELECT :tenant_id, :webhook_id, :replay_id, lesson_id, "first" - 1, "last", :now
    FROM jsonb_to_recordset(CAST(:spans AS jsonb)) AS span (
        lesson_id text, "first" bigint, "last" bigint)
    ON CONFLICT (tenant_id, webhook_id, replay_id, lesson_id) DO UPDATE
        SET last_sequence = greatest(webhook_lanes.last_sequence, excluded.last_sequence)
    """
)


class Lane(Record):
    """A lesson's events on their way to a webhook.

    Attributes:
        delivered_sequence: the events up to this one are delivered or given up.
        last_sequence: the events up to this one are to be delivered.
        failed_attempts: how often the next event was tried in vain.
        due_at: when it is tried next.
    """

    tenant_id: str
    webhook_id: str
    replay_id: str
    lesson_id: str
    delivered_sequence: int
    last_sequence: int
    failed_attempts: int
    failed_at: AwareDatetime | None
    due_at: AwareDatetime | None


class Waiting(Record):
    """How much waits for a webhook, and until when."""

    events: int
    lessons: int
    next_attempt_at: AwareDatetime | None


class WebhookLanes:
    """Relays commits into lanes, and tells which of them are due.

    A lane exists for as long as something waits in it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def relay(self, tenant_id: str, now: datetime) -> list[str]:
        """Put what was committed since the last time into the lanes of the tenant's webhooks.

        Lanes and the place that was read up to commit together. Several processes may do this at
        once: each leaves out a webhook that another one works on, which then reads on itself.

        Returns:
            The ids of the webhooks for which something is due, whoever relayed it.
        """
        columns = webhooks.c
        query = (
            select(
                columns.id, columns.course_id, columns.read_transaction_id, columns.read_position
            )
            .where(columns.tenant_id == tenant_id, columns.status == "enabled")
            .order_by(columns.id)
            .with_for_update(skip_locked=True)
        )
        full = True
        while full:
            full = False
            async with self._database.transaction(tenant_id) as connection:
                for row in (await connection.execute(query)).all():
                    after = Cursor(row.read_transaction_id, row.read_position, _WHOLE_COMMIT)
                    page = await commits_in(
                        connection, tenant_id, after, MAX_COMMITS, course_id=row.course_id
                    )
                    if page.commits:
                        await _extend(connection, tenant_id, row.id, page.commits, now)
                    full = full or page.full
        lanes = webhook_lanes.c
        due = (
            select(lanes.webhook_id)
            .where(lanes.tenant_id == tenant_id, lanes.due_at <= now)
            .distinct()
        )
        async with self._database.transaction(tenant_id) as connection:
            return list(await connection.scalars(due))

    async def due(self, tenant_id: str, webhook_id: str, now: datetime, limit: int) -> list[Lane]:
        """Return lanes that are due, those first that have waited longest."""
        columns = webhook_lanes.c
        query = (
            select(webhook_lanes)
            .where(
                columns.tenant_id == tenant_id,
                columns.webhook_id == webhook_id,
                columns.due_at <= now,
            )
            .order_by(columns.due_at, columns.replay_id, columns.lesson_id)
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            return [Lane.model_validate(row) for row in await connection.execute(query)]

    async def waiting(self, tenant_id: str, webhook_id: str) -> Waiting:
        """Return how much waits for a webhook."""
        columns = webhook_lanes.c
        query = select(
            func.coalesce(func.sum(columns.last_sequence - columns.delivered_sequence), 0).label(
                "events"
            ),
            func.count().label("lessons"),
            func.min(columns.due_at).label("next_attempt_at"),
        ).where(columns.tenant_id == tenant_id, columns.webhook_id == webhook_id)
        async with self._database.transaction(tenant_id) as connection:
            return Waiting.model_validate((await connection.execute(query)).one())

    async def hasten(self, tenant_id: str, webhook_id: str, now: datetime) -> None:
        """Make everything due that waits for another attempt."""
        columns = webhook_lanes.c
        statement = (
            update(webhook_lanes)
            .where(
                columns.tenant_id == tenant_id,
                columns.webhook_id == webhook_id,
                columns.due_at > now,
            )
            .values(due_at=now)
        )
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(statement)

    async def replay_message(
        self, tenant_id: str, webhook_id: str, message_id: str, now: datetime
    ) -> str:
        """Send one message of the delivery log again; return the id of the replay.

        Raises:
            NotFound: there is no such webhook, or no such message in its log.
        """
        columns = webhook_deliveries.c
        query = select(columns.lesson_id, columns.sequence).where(
            columns.tenant_id == tenant_id,
            columns.webhook_id == webhook_id,
            columns.id == message_id,
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_webhook(connection, tenant_id, webhook_id)
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                raise NotFound(
                    f"The webhook's log has no message {message_id!r}.", field="message_id"
                )
            replay_id = new_id("rpl")
            span = {"lesson_id": row.lesson_id, "first": row.sequence, "last": row.sequence}
            await _put(connection, tenant_id, webhook_id, replay_id, [span], now)
        return replay_id

    async def replay_time(
        self, tenant_id: str, webhook_id: str, since: datetime, until: datetime, now: datetime
    ) -> tuple[str, int]:
        """Send everything again that was committed in a time; return the replay and its events.

        Args:
            since, until: the first moment of the time, and the first one behind it.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        columns = ledger_commits.c
        query = (
            select(
                columns.lesson_id,
                func.min(columns.first_sequence).label("first"),
                func.max(columns.last_sequence).label("last"),
            )
            .where(
                columns.tenant_id == tenant_id,
                columns.committed_at >= since,
                columns.committed_at < until,
            )
            .group_by(columns.lesson_id)
        )
        replay_id = new_id("rpl")
        async with self._database.transaction(tenant_id) as connection:
            webhook = await read_webhook(connection, tenant_id, webhook_id)
            if webhook.course_id is not None:
                query = query.where(columns.course_id == webhook.course_id)
            spans = [dict(row) for row in (await connection.execute(query)).mappings()]
            if spans:
                await _put(connection, tenant_id, webhook_id, replay_id, spans, now)
        return replay_id, sum(span["last"] - span["first"] + 1 for span in spans)


async def _extend(
    connection: AsyncConnection,
    tenant_id: str,
    webhook_id: str,
    commits: Sequence[Commit],
    now: datetime,
) -> None:
    spans: dict[str, dict[str, object]] = {}
    for commit in commits:
        span = spans.setdefault(
            commit.lesson_id, {"lesson_id": commit.lesson_id, "first": commit.first_sequence}
        )
        span["last"] = commit.last_sequence
    await _put(connection, tenant_id, webhook_id, LIVE, list(spans.values()), now)
    await connection.execute(
        update(webhooks)
        .where(webhooks.c.tenant_id == tenant_id, webhooks.c.id == webhook_id)
        .values(read_transaction_id=commits[-1].transaction_id, read_position=commits[-1].position)
    )


async def _put(
    connection: AsyncConnection,
    tenant_id: str,
    webhook_id: str,
    replay_id: str,
    spans: Sequence[dict[str, object]],
    now: datetime,
) -> None:
    await connection.execute(
        _EXTEND,
        {
            "tenant_id": tenant_id,
            "webhook_id": webhook_id,
            "replay_id": replay_id,
            "spans": json.dumps(spans),
            "now": now,
        },
    )
