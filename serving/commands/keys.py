"""`lectern key`: the API keys of a tenant, from the machine that the database is on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from lessons.policy import Resource, known_scopes
from lessons.store import Database
from lessons.store.api_keys import ApiKey, ApiKeyStore
from lessons.store.audit import AuditStore

OPERATOR = "operator"
"""Who acts, in the audit trail: somebody who has the database."""

SHOWN_KEYS = 200
"""The newest keys that a list shows."""


async def create_key(
    database_url: str,
    tenant_id: str,
    name: str,
    scopes: Sequence[str] = (),
    days: int | None = None,
) -> str:
    """Make a key and return it; it cannot be read again later.

    Args:
        scopes: what it is limited to; none: everything its tenant may do.
        days: how long it is good for; None: without an end.

    Raises:
        InvalidInput: a scope is unknown, or the days are too many.
    """
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    limits = known_scopes(scopes) if scopes else None
    async with _stores(database_url) as (keys, audit):
        made, key = await keys.create(tenant_id, name, scopes=limits, expires_at=expires_at)
        await audit.note(tenant_id, OPERATOR, "create", Resource.API_KEY, made.id)
    return key


async def show_keys(database_url: str, tenant_id: str, console: Console) -> None:
    """Print a tenant's newest keys, newest first."""
    async with _stores(database_url) as (keys, _):
        found = await keys.list_keys(tenant_id, SHOWN_KEYS)
    table = Table("id", "name", "scopes", "last used", "state")
    for key in found:
        scopes = "everything" if key.scopes is None else "\n".join(key.scopes)
        table.add_row(key.id, key.name, scopes, _moment(key.last_used_at, "never"), _state(key))
    console.print(table if found else f"{tenant_id} has no API key. Make one: lectern key create")


async def rotate_key(database_url: str, tenant_id: str, key_id: str, overlap: timedelta) -> str:
    """Give a key a new secret and return it; the one until now ends after `overlap`.

    Raises:
        NotFound: the tenant has no such key.
        Conflict: the key is revoked or expired.
    """
    async with _stores(database_url) as (keys, audit):
        _, key = await keys.rotate(tenant_id, key_id, overlap)
        await audit.note(tenant_id, OPERATOR, "rotate", Resource.API_KEY, key_id)
    return key


async def revoke_key(database_url: str, tenant_id: str, key_id: str) -> None:
    """Make a key worthless from now on.

    Raises:
        NotFound: the tenant has no such key.
    """
    async with _stores(database_url) as (keys, audit):
        await keys.revoke(tenant_id, key_id)
        await audit.note(tenant_id, OPERATOR, "revoke", Resource.API_KEY, key_id)


@asynccontextmanager
async def _stores(database_url: str) -> AsyncIterator[tuple[ApiKeyStore, AuditStore]]:
    database = Database(database_url)
    try:
        yield ApiKeyStore(database), AuditStore(database)
    finally:
        await database.dispose()


def _state(key: ApiKey) -> str:
    now = datetime.now(UTC)
    if key.revoked_at is not None:
        return f"revoked {_moment(key.revoked_at)}"
    if key.expires_at is not None and key.expires_at <= now:
        return f"expired {_moment(key.expires_at)}"
    state = "good" if key.expires_at is None else f"good until {_moment(key.expires_at)}"
    if key.previous_expires_at is not None and key.previous_expires_at > now:
        used = _moment(key.previous_used_at, "never since")
        state += f"\nold secret until {_moment(key.previous_expires_at)}, used {used}"
    return state


def _moment(time: datetime | None, none: str = "") -> str:
    return none if time is None else time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
