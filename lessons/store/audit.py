"""The audit trail: who did what, chained so that it cannot be changed unnoticed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.privacy.audit_chain import (
    AuditCheckpoint,
    AuditEntry,
    AuditFault,
    AuditHead,
    ChainVerifier,
    first_hash,
)
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.subject_keys import ENTER_HOLDER
from lessons.store.tables import audit_checkpoints, audit_entries, audit_heads

MAX_PAGE = 500
_VERIFIED_AT_A_TIME = 1000

# Locks the head whether or not it was there before.
_LOCK_HEAD = text(
    """
    INSERT INTO audit_heads (tenant_id, position, hash) VALUES (:tenant_id, 0, :first)
    ON CONFLICT (tenant_id) DO UPDATE SET position = audit_heads.position
    RETURNING position, hash
    """
)
_ADD = text(
    """
    WITH added AS (
        INSERT INTO audit_entries
            (tenant_id, position, recorded_at, actor, action, resource, detail, hash)
        VALUES (:tenant_id, :position, :recorded_at, :actor, :action, :resource, :detail, :hash)
    )
    UPDATE audit_heads SET position = :position, hash = :hash WHERE tenant_id = :tenant_id
    """
)
_END = text(
    """
    SELECT head.position, head.hash, coalesce(newest, 0) AS newest
    FROM (SELECT max(position) AS newest FROM audit_entries WHERE tenant_id = :tenant_id) AS entries
    LEFT JOIN audit_heads AS head ON head.tenant_id = :tenant_id
    """
)


class AuditRecord(Record):
    """One entry as it is shown; `detail` is an object again."""

    position: int
    recorded_at: AwareDatetime
    actor: str
    action: str
    resource: str
    detail: dict[str, Any]
    hash: str


class AuditStore:
    """Adds to a tenant's audit trail, reads it and verifies it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self,
        tenant_id: str,
        actor: str,
        action: str,
        resource: str,
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Add an entry in a transaction of its own and return its position.

        Where what is recorded changes the store, use `audit_in` in the same transaction.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await audit_in(connection, tenant_id, actor, action, resource, detail)

    async def note(
        self,
        tenant_id: str,
        actor: str,
        action: str,
        kind: str,
        resource_id: str,
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Add an entry about one thing as `record` does; `kind` says what it is the id of."""
        return await self.record(tenant_id, actor, action, f"{kind} {resource_id}", detail)

    async def list_entries(
        self, tenant_id: str, limit: int = 50, before: int | None = None
    ) -> list[AuditRecord]:
        """Return the newest entries, newest first, from before that position on."""
        query = (
            select(audit_entries)
            .where(audit_entries.c.tenant_id == tenant_id)
            .order_by(audit_entries.c.position.desc())
            .limit(min(limit, MAX_PAGE))
        )
        if before is not None:
            query = query.where(audit_entries.c.position < before)
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            AuditRecord(
                **{**row, "detail": json.loads(row["detail"]), "hash": bytes(row["hash"]).hex()}
            )
            for row in rows
        ]

    async def verify(self, tenant_id: str, known: Sequence[AuditCheckpoint] = ()) -> ChainVerifier:
        """Look through the whole trail of a tenant; `faults` of the answer names what is wrong.

        Args:
            known: checkpoints that were kept outside of the database.
        """
        verifier = ChainVerifier(tenant_id)
        async with self._database.transaction(tenant_id) as connection:
            head, newest = await _end(connection, tenant_id)
            stored = await _checkpoints(connection, tenant_id)
            verifier.expect(self._trusted([*stored, *known], verifier))
            after = 0
            while page := await _entries(connection, tenant_id, after, newest):
                for entry in page:
                    verifier.feed(entry)
                after = page[-1].position
        verifier.finish(head)
        return verifier

    async def checkpoint(self, tenant_id: str) -> AuditCheckpoint | None:
        """Sign where the trail ends now, keep that, and return it; None for an empty trail."""
        async with self._database.transaction(tenant_id) as connection:
            head = await _head(connection, tenant_id)
            if head is None:
                return None
            draft = AuditCheckpoint(tenant_id, head.position, head.hash, datetime.now(UTC))
            signature = self._database.keyring.master.sign(draft.message())
            made = AuditCheckpoint(tenant_id, draft.position, draft.hash, draft.made_at, signature)
            kept = await _checkpoints(connection, tenant_id, head.position)
            if kept:
                return kept[0]
            await connection.execute(
                insert(audit_checkpoints).values(
                    tenant_id=tenant_id,
                    position=made.position,
                    hash=made.hash,
                    made_at=made.made_at,
                    signature=made.signature,
                )
            )
        return made

    def _trusted(
        self, checkpoints: Sequence[AuditCheckpoint], verifier: ChainVerifier
    ) -> list[AuditCheckpoint]:
        """Return the checkpoints that this installation signed; the others are faults."""
        master = self._database.keyring.master
        for checkpoint in checkpoints:
            if not checkpoint.is_signed_by(master):
                verifier.faults.append(
                    AuditFault(checkpoint.position, "a checkpoint has a wrong signature")
                )
        return [checkpoint for checkpoint in checkpoints if checkpoint.is_signed_by(master)]


async def audit_in(
    connection: AsyncConnection,
    tenant_id: str,
    actor: str,
    action: str,
    resource: str,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Add an entry within a transaction of the caller, as its last step, and return its position.

    From here to the commit the tenant's other entries wait: lock nothing else afterwards.

    Args:
        actor: id of who acted.
        action: a verb, such as `erase`.
        resource: kind and id of what it was done to.
        detail: what else is worth keeping; no personal data, for the trail outlives erasure.
    """
    locked = await connection.execute(
        _LOCK_HEAD, {"tenant_id": tenant_id, "first": first_hash(tenant_id)}
    )
    row = locked.one()
    if row.position == 0:
        await connection.execute(ENTER_HOLDER, {"tenant_id": tenant_id})
    entry = AuditEntry(
        tenant_id,
        row.position + 1,
        datetime.now(UTC),
        actor,
        action,
        resource,
        json.dumps(detail or {}, sort_keys=True, ensure_ascii=False, default=str),
    )
    values = {
        "tenant_id": tenant_id,
        "position": entry.position,
        "recorded_at": entry.recorded_at,
        "actor": actor,
        "action": action,
        "resource": resource,
        "detail": entry.detail,
        "hash": entry.follow(bytes(row.hash)),
    }
    await connection.execute(_ADD, values)
    return entry.position


async def _head(connection: AsyncConnection, tenant_id: str) -> AuditHead | None:
    query = select(audit_heads).where(audit_heads.c.tenant_id == tenant_id)
    row = (await connection.execute(query)).one_or_none()
    return AuditHead(row.position, bytes(row.hash)) if row else None


async def _end(connection: AsyncConnection, tenant_id: str) -> tuple[AuditHead | None, int]:
    """Return the head and the position of the newest entry, both at the same moment.

    What is added afterwards is not looked at, so that it is no fault.
    """
    row = (await connection.execute(_END, {"tenant_id": tenant_id})).one()
    head = None if row.position is None else AuditHead(row.position, bytes(row.hash))
    return head, row.newest


async def _checkpoints(
    connection: AsyncConnection, tenant_id: str, position: int | None = None
) -> list[AuditCheckpoint]:
    table = audit_checkpoints
    query = select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.position)
    if position is not None:
        query = query.where(table.c.position == position)
    return [
        AuditCheckpoint(
            row.tenant_id, row.position, bytes(row.hash), row.made_at, bytes(row.signature)
        )
        for row in await connection.execute(query)
    ]


async def _entries(
    connection: AsyncConnection, tenant_id: str, after: int, until: int
) -> list[AuditEntry]:
    table = audit_entries
    query = (
        select(table)
        .where(table.c.tenant_id == tenant_id, table.c.position > after, table.c.position <= until)
        .order_by(table.c.position)
        .limit(_VERIFIED_AT_A_TIME)
    )
    return [
        AuditEntry(**{**row, "hash": bytes(row["hash"])})
        for row in (await connection.execute(query)).mappings()
    ]
