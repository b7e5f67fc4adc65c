"""Webhooks: where other systems want their tenant's events delivered to, and their secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime
from sqlalchemy import delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotFound
from lessons.events import EventDraft, WebhookDisabled
from lessons.identifiers import new_id
from lessons.privacy.sealing import SubjectKey
from lessons.records import Record
from lessons.roles import Role
from lessons.store.appending import append_in
from lessons.store.commits import newest_in
from lessons.store.database import Database
from lessons.store.subject_keys import keyring_of
from lessons.store.tables import people, role_assignments, webhooks

WebhookStatus = Literal["enabled", "disabled"]

_REASON_CHARACTERS = 1000
_MOST_RECIPIENTS = 20
_SECRETS = ("secret", "previous_secret")
COLUMNS = tuple(column for column in webhooks.c if column.name not in _SECRETS)


class Webhook(Record):
    """A webhook without its secrets.

    Attributes:
        event_types: the types that it gets; None for all.
        course_id: the course whose lessons it follows; None for the whole tenant.
        failing_since: time of the first failure since the last success; None while it works.
        previous_secret_until: until when messages are signed by the secret before this one too.
        told_at: when somebody was told that it was disabled.
    """

    id: str
    tenant_id: str
    url: str
    description: str
    event_types: list[str] | None
    course_id: str | None
    contact_email: str | None
    status: WebhookStatus
    disabled_reason: str | None
    disabled_at: AwareDatetime | None
    failing_since: AwareDatetime | None
    last_success_at: AwareDatetime | None
    previous_secret_until: AwareDatetime | None
    told_at: AwareDatetime | None
    created_at: AwareDatetime


class WebhookStore:
    """Keeps webhooks. Their secrets are stored under the installation's master key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        tenant_id: str,
        *,
        url: str,
        secret: bytes,
        description: str = "",
        event_types: Sequence[str] | None = None,
        course_id: str | None = None,
        contact_email: str | None = None,
    ) -> Webhook:
        """Store a webhook that gets what is committed from now on."""
        webhook_id = new_id("whk")
        async with self._database.transaction(tenant_id) as connection:
            newest = await newest_in(connection, tenant_id)
            row = {
                "tenant_id": tenant_id,
                "id": webhook_id,
                "url": url,
                "description": description,
                "event_types": None if event_types is None else list(event_types),
                "course_id": course_id,
                "contact_email": contact_email,
                "status": "enabled",
                "secret": _wrapped(connection, tenant_id, webhook_id, secret),
                "read_transaction_id": newest.transaction,
                "read_position": newest.position,
                "created_at": datetime.now(UTC),
            }
            await connection.execute(insert(webhooks).values(row))
            return await read_webhook(connection, tenant_id, webhook_id)

    async def get(self, tenant_id: str, webhook_id: str) -> Webhook:
        """Return one webhook.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await read_webhook(connection, tenant_id, webhook_id)

    async def list_webhooks(
        self, tenant_id: str, limit: int = 50, before: str | None = None
    ) -> list[Webhook]:
        """Return the tenant's webhooks, newest first.

        Args:
            before: id of the last webhook of the page before this one.

        Raises:
            NotFound: there is no webhook `before`.
        """
        columns = webhooks.c
        query = (
            select(*COLUMNS)
            .where(columns.tenant_id == tenant_id)
            .order_by(columns.created_at.desc(), columns.id.desc())
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            if before is not None:
                last = await read_webhook(connection, tenant_id, before)
                query = query.where(
                    tuple_(columns.created_at, columns.id) < (last.created_at, last.id)
                )
            return [Webhook.model_validate(row) for row in await connection.execute(query)]

    async def change(self, tenant_id: str, webhook_id: str, values: Mapping[str, Any]) -> Webhook:
        """Set columns of a webhook.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await change_webhook(connection, tenant_id, webhook_id, values)

    async def enable(self, tenant_id: str, webhook_id: str) -> Webhook:
        """Let deliveries go on where they stopped.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        return await self.change(
            tenant_id,
            webhook_id,
            {
                "status": "enabled",
                "disabled_reason": None,
                "disabled_at": None,
                "failing_since": None,
                "told_at": None,
            },
        )

    async def rotate(
        self, tenant_id: str, webhook_id: str, secret: bytes, overlap: timedelta
    ) -> Webhook:
        """Give a webhook a new secret; messages are signed by both for as long as `overlap`.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        async with self._database.transaction(tenant_id) as connection:
            values = {
                "previous_secret": webhooks.c.secret,
                "previous_secret_until": datetime.now(UTC) + overlap,
                "secret": _wrapped(connection, tenant_id, webhook_id, secret),
            }
            return await change_webhook(connection, tenant_id, webhook_id, values)

    async def secrets(self, tenant_id: str, webhook_id: str, now: datetime) -> list[bytes]:
        """Return what messages are signed with at a time, the newest secret first.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        columns = webhooks.c
        query = select(
            columns.secret, columns.previous_secret, columns.previous_secret_until
        ).where(columns.tenant_id == tenant_id, columns.id == webhook_id)
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                raise webhook_not_found(webhook_id)
            wrapped = [row.secret]
            if row.previous_secret_until is not None and row.previous_secret_until > now:
                wrapped.append(row.previous_secret)
            master = keyring_of(connection).master
            return [master.unwrap(bytes(one), tenant_id, webhook_id).secret for one in wrapped]

    async def note_failure(self, tenant_id: str, webhook_id: str, failed_at: datetime) -> datetime:
        """Note a failed attempt; return the time of the first one since the last success."""
        columns = webhooks.c
        statement = (
            update(webhooks)
            .where(columns.tenant_id == tenant_id, columns.id == webhook_id)
            .values(failing_since=func.coalesce(columns.failing_since, failed_at))
            .returning(columns.failing_since)
        )
        async with self._database.transaction(tenant_id) as connection:
            since: datetime | None = await connection.scalar(statement)
        return since or failed_at

    async def note_success(self, tenant_id: str, webhook_id: str, at: datetime) -> None:
        """Note that a message was delivered."""
        await self.change(tenant_id, webhook_id, {"failing_since": None, "last_success_at": at})

    async def disable(
        self, webhook: Webhook, failing_since: datetime, at: datetime, reason: str, lesson_id: str
    ) -> None:
        """Disable a webhook that failed, and record it in the lesson whose event it did not take.

        What waits for it goes on waiting until somebody enables it.
        """
        data = WebhookDisabled(
            webhook_id=webhook.id,
            url=webhook.url,
            failing_since=failing_since,
            last_failure=reason[:_REASON_CHARACTERS],
        )
        values = {"status": "disabled", "disabled_at": at, "disabled_reason": reason}
        async with self._database.transaction(webhook.tenant_id) as connection:
            await change_webhook(connection, webhook.tenant_id, webhook.id, values)
            await append_in(
                connection, webhook.tenant_id, lesson_id, [EventDraft(data, None, time=at)]
            )

    async def recipients(self, webhook: Webhook) -> list[str]:
        """Return whom to write to: the webhook's contact, else the tenant's administrators."""
        if webhook.contact_email is not None:
            return [webhook.contact_email]
        assigned = role_assignments.c
        query = (
            select(people.c.email)
            .join(
                role_assignments,
                (assigned.tenant_id == people.c.tenant_id) & (assigned.person_id == people.c.id),
            )
            .where(
                people.c.tenant_id == webhook.tenant_id,
                people.c.email.is_not(None),
                assigned.role == Role.ADMINISTRATOR,
                assigned.ended_at.is_(None),
            )
            .distinct()
            .order_by(people.c.email)
            .limit(_MOST_RECIPIENTS)
        )
        async with self._database.transaction(webhook.tenant_id) as connection:
            return [email for email in await connection.scalars(query) if email]

    async def delete(self, tenant_id: str, webhook_id: str) -> None:
        """Remove a webhook, its delivery log and what waits for it.

        Raises:
            NotFound: the tenant has no such webhook.
        """
        statement = (
            delete(webhooks)
            .where(webhooks.c.tenant_id == tenant_id, webhooks.c.id == webhook_id)
            .returning(webhooks.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            if await connection.scalar(statement) is None:
                raise webhook_not_found(webhook_id)


async def read_webhook(connection: AsyncConnection, tenant_id: str, webhook_id: str) -> Webhook:
    """Return one webhook within a transaction of the caller.

    Raises:
        NotFound: the tenant has no such webhook.
    """
    query = select(*COLUMNS).where(webhooks.c.tenant_id == tenant_id, webhooks.c.id == webhook_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise webhook_not_found(webhook_id)
    return Webhook.model_validate(row)


async def change_webhook(
    connection: AsyncConnection, tenant_id: str, webhook_id: str, values: Mapping[str, Any]
) -> Webhook:
    """Set columns of a webhook within a transaction of the caller.

    Raises:
        NotFound: the tenant has no such webhook.
    """
    if values:
        await connection.execute(
            update(webhooks)
            .where(webhooks.c.tenant_id == tenant_id, webhooks.c.id == webhook_id)
            .values(**values)
        )
    return await read_webhook(connection, tenant_id, webhook_id)


def webhook_not_found(webhook_id: str) -> NotFound:
    """Return the error for a webhook that the tenant does not have."""
    return NotFound(
        f"There is no webhook {webhook_id!r}.",
        field="webhook_id",
        fix="List them at GET /v1/webhooks.",
    )


def _wrapped(connection: AsyncConnection, tenant_id: str, webhook_id: str, secret: bytes) -> bytes:
    return keyring_of(connection).master.wrap(SubjectKey(webhook_id, secret), tenant_id)
