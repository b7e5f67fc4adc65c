"""API keys: how a platform proves which tenant it is."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime

from pydantic import AwareDatetime
from sqlalchemy import insert, select, text, update

from lessons.errors import NotAuthenticated, NotFound
from lessons.identifiers import new_id
from lessons.policy import Credential
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.tables import api_keys

KEY_PREFIX = "lk_"
"""Every API key begins with this; participant tokens do not."""

_SECRET_BYTES = 32
_KEY = re.compile(KEY_PREFIX + r"(key_[0-9a-z]{26})_([0-9a-f]{64})")
_NAME_KEY = text("SELECT set_config('lectern.api_key', :key_id, true)")


class ApiKey(Record):
    """What is kept of a key: all but its secret."""

    id: str
    tenant_id: str
    name: str
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None = None


class ApiKeyStore:
    """Makes, checks and revokes API keys. Only a SHA-256 digest of a key's secret is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, tenant_id: str, name: str) -> tuple[ApiKey, str]:
        """Make a key; return its record and the key itself, which is never shown again."""
        secret = secrets.token_hex(_SECRET_BYTES)
        key = ApiKey(id=new_id("key"), tenant_id=tenant_id, name=name, created_at=datetime.now(UTC))
        row = {**key.model_dump(), "secret_digest": _digest(secret)}
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(insert(api_keys).values(row))
        return key, f"{KEY_PREFIX}{key.id}_{secret}"

    async def authenticate(self, key: str) -> Credential:
        """Return the tenant's credential for a key.

        Raises:
            NotAuthenticated: the key is malformed, unknown, wrong or revoked.
        """
        parts = _KEY.fullmatch(key)
        if parts is None:
            raise _refused("The API key is malformed.")
        key_id, secret = parts.groups()
        async with self._database.transaction(None) as connection:
            await connection.execute(_NAME_KEY, {"key_id": key_id})
            found = await connection.execute(select(api_keys).where(api_keys.c.id == key_id))
            row = found.one_or_none()
        if row is None or not hmac.compare_digest(bytes(row.secret_digest), _digest(secret)):
            raise _refused("The API key is unknown.")
        if row.revoked_at is not None:
            raise _refused("The API key has been revoked.")
        return Credential(tenant_id=row.tenant_id, kind="api_key", api_key_id=key_id)

    async def list_keys(self, tenant_id: str) -> list[ApiKey]:
        """Return the tenant's keys, oldest first, revoked ones included."""
        query = select(api_keys).where(api_keys.c.tenant_id == tenant_id).order_by(api_keys.c.id)
        async with self._database.transaction(tenant_id) as connection:
            return [ApiKey.model_validate(row) for row in await connection.execute(query)]

    async def revoke(self, tenant_id: str, key_id: str) -> None:
        """Make a key worthless from now on.

        Raises:
            NotFound: the tenant has no such key.
        """
        statement = (
            update(api_keys)
            .where(api_keys.c.tenant_id == tenant_id, api_keys.c.id == key_id)
            .values(revoked_at=datetime.now(UTC))
            .returning(api_keys.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            if await connection.scalar(statement) is None:
                raise NotFound(f"There is no API key {key_id!r}.", field="key_id")


def _digest(secret: str) -> bytes:
    # A plain hash is enough: the secret is 256 random bits, not a password.
    return hashlib.sha256(secret.encode()).digest()


def _refused(reason: str) -> NotAuthenticated:
    return NotAuthenticated(
        reason, field="Authorization", fix="Send `Bearer <key>`; `lectern key` makes one."
    )
