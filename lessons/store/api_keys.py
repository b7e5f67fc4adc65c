"""API keys: how a platform proves which tenant it is, for what and until when."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Row, func, insert, or_, select, text, update

from lessons.bearer_secrets import SECRET_PATTERN, digest_of, is_secret_of, new_secret
from lessons.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, WrongCredential
from lessons.identifiers import new_id
from lessons.policy import Credential
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.tables import api_keys

KEY_PREFIX = "lk_"
"""Every API key begins with this; participant tokens and sign-ins do not."""

MAX_OVERLAP = timedelta(days=30)
"""How long at most the secret before a rotation stays good."""

MAX_LIFETIME = timedelta(days=3660)
"""The furthest end of a key that has one."""

USE_NOTED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is: to write it at every request would cost as much as the request."""

_KEY = re.compile(f"{KEY_PREFIX}(key_[0-9a-z]{{26}})_({SECRET_PATTERN})")
_PRESENTED = "SELECT * FROM presented_api_key(%s)"
_NAME_KEY = text("SELECT set_config('lectern.api_key', :key_id, true)")


class ApiKey(Record):
    """What is kept of a key: all but its secrets.

    Attributes:
        scopes: what it is limited to; None means everything its tenant may do.
        last_used_at: to the minute.
        rotated_at, previous_expires_at, previous_used_at: of the last rotation: when it was, until
            when the secret before it is good, and when that one was last used since.
    """

    id: str
    tenant_id: str
    name: str
    scopes: list[str] | None = None
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    last_used_at: AwareDatetime | None = None
    rotated_at: AwareDatetime | None = None
    previous_expires_at: AwareDatetime | None = None
    previous_used_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None


class ApiKeyStore:
    """Makes, checks, rotates and revokes API keys. Only SHA-256 digests of secrets are stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        tenant_id: str,
        name: str,
        *,
        scopes: Collection[str] | None = None,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key; return its record and the key itself, which is never shown again.

        Args:
            scopes: what it is limited to; None: everything its tenant may do.

        Raises:
            InvalidInput: the name is empty, or the key would have expired already.
        """
        if not name.strip():
            raise InvalidInput("A key needs a name.", field="name", fix="Say what it is for.")
        now = datetime.now(UTC)
        _require_end(expires_at, now)
        secret = new_secret()
        key = ApiKey(
            id=new_id("key"),
            tenant_id=tenant_id,
            name=name,
            scopes=None if scopes is None else sorted(scopes),
            created_at=now,
            expires_at=expires_at,
        )
        row = {**key.model_dump(), "secret_digest": digest_of(secret), "rotations": 0}
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(insert(api_keys).values(row))
        return key, _whole(key.id, secret)

    async def authenticate(self, key: str) -> Credential:
        """Return the tenant's credential for a key, and note that it was used.

        Raises:
            WrongCredential: the key is malformed, unknown or wrong.
            NotAuthenticated: the key, or the secret before its rotation, is revoked or expired.
        """
        parts = _KEY.fullmatch(key)
        if parts is None:
            raise _wrong("The API key is malformed.")
        key_id, secret = parts.groups()
        row = await self._presented(key_id)
        now = datetime.now(UTC)
        previous = _matches_previous(row, secret)
        if row is None:
            raise _wrong("The API key is unknown.")
        _require_good(row, now, previous=previous)
        await self._note_use(row, now, previous=previous)
        return Credential(
            tenant_id=row.tenant_id,
            kind="api_key",
            api_key_id=key_id,
            scopes=None if row.scopes is None else frozenset(row.scopes),
            generation=row.rotations - previous,
            expires_at=row.previous_expires_at if previous else row.expires_at,
        )

    async def _presented(self, key_id: str) -> Any | None:
        """Return the row of a key before its tenant is known; every request asks for it."""
        row = await self._database.single_statements.run(_PRESENTED, (key_id,))
        if row is not None:
            return row
        async with self._database.transaction(None) as connection:
            await connection.execute(_NAME_KEY, {"key_id": key_id})
            found = await connection.execute(select(api_keys).where(api_keys.c.id == key_id))
            return found.one_or_none()

    async def get(self, tenant_id: str, key_id: str) -> ApiKey:
        """Return one key of the tenant.

        Raises:
            NotFound: the tenant has no such key.
        """
        query = select(api_keys).where(api_keys.c.tenant_id == tenant_id, api_keys.c.id == key_id)
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise _no_key(key_id)
        return ApiKey.model_validate(row)

    async def list_keys(
        self, tenant_id: str, limit: int = 100, before: str | None = None
    ) -> list[ApiKey]:
        """Return the tenant's newest keys, newest first, revoked and expired ones included.

        Args:
            before: id of the last key of the page before this one.
        """
        query = (
            select(api_keys)
            .where(api_keys.c.tenant_id == tenant_id)
            .order_by(api_keys.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(api_keys.c.id < before)
        async with self._database.transaction(tenant_id) as connection:
            return [ApiKey.model_validate(row) for row in await connection.execute(query)]

    async def rotate(self, tenant_id: str, key_id: str, overlap: timedelta) -> tuple[ApiKey, str]:
        """Give a key a new secret; return its record and the key as it is from now on.

        The secret until now stays good for `overlap`, so that a platform can change over without a
        gap; one from before an earlier rotation ends at once.

        Raises:
            NotFound: the tenant has no such key.
            Conflict: the key is revoked or expired.
        """
        if not timedelta() <= overlap <= MAX_OVERLAP:
            raise InvalidInput(
                f"The overlap is not in 0 to {MAX_OVERLAP.days} days.", field="overlap_seconds"
            )
        key = await self.get(tenant_id, key_id)
        now = datetime.now(UTC)
        if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            raise Conflict(
                "The key is revoked or expired.", field="key_id", fix="Make a new key instead."
            )
        secret = new_secret()
        ends = now + overlap if key.expires_at is None else min(now + overlap, key.expires_at)
        changed = await self._change(
            tenant_id,
            key_id,
            secret_digest=digest_of(secret),
            rotated_at=now,
            rotations=api_keys.c.rotations + 1,
            previous_digest=api_keys.c.secret_digest,
            previous_expires_at=ends,
            previous_used_at=None,
        )
        return changed, _whole(key_id, secret)

    async def revoke(self, tenant_id: str, key_id: str) -> ApiKey:
        """Make a key worthless from now on; revoking it again changes nothing.

        Raises:
            NotFound: the tenant has no such key.
        """
        revoked_at = func.coalesce(api_keys.c.revoked_at, datetime.now(UTC))
        return await self._change(tenant_id, key_id, revoked_at=revoked_at)

    async def _change(self, tenant_id: str, key_id: str, **values: Any) -> ApiKey:
        statement = (
            update(api_keys)
            .where(api_keys.c.tenant_id == tenant_id, api_keys.c.id == key_id)
            .values(values)
            .returning(api_keys)
        )
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise _no_key(key_id)
        return ApiKey.model_validate(row)

    async def _note_use(self, row: Row[Any], now: datetime, *, previous: bool) -> None:
        """Write down the use, at most once a minute however many requests there are."""
        column = api_keys.c.previous_used_at if previous else api_keys.c.last_used_at
        noted = row.previous_used_at if previous else row.last_used_at
        if noted is not None and noted > now - USE_NOTED_EVERY:
            return
        statement = (
            update(api_keys)
            .where(api_keys.c.tenant_id == row.tenant_id, api_keys.c.id == row.id)
            .where(or_(column.is_(None), column <= now - USE_NOTED_EVERY))
            .values({"last_used_at": now, column.name: now})
        )
        async with self._database.transaction(row.tenant_id) as connection:
            await connection.execute(statement)


def _matches_previous(row: Row[Any] | None, secret: str) -> bool:
    """Tell whether the secret is the one before the rotation, and not the newest.

    Raises:
        WrongCredential: it is neither. Both are compared, whatever the outcome of the first.
    """
    is_newest = is_secret_of(row.secret_digest if row else None, secret)
    is_previous = is_secret_of(row.previous_digest if row else None, secret)
    if not is_newest and not is_previous:
        raise _wrong("The API key is unknown.")
    return not is_newest


def _require_good(row: Row[Any], now: datetime, *, previous: bool) -> None:
    if row.revoked_at is not None:
        raise _ended("The API key has been revoked.")
    if row.expires_at is not None and row.expires_at <= now:
        raise _ended("The API key has expired.")
    if previous and row.previous_expires_at <= now:
        raise _ended("The API key has been rotated, and the time to change over has passed.")


def _require_end(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at > now + MAX_LIFETIME:
        raise InvalidInput(
            f"The key would last longer than {MAX_LIFETIME.days} days.",
            field="expires_at",
            fix="Name an earlier time, or leave it out for a key without an end.",
        )
    if expires_at is not None and expires_at <= now:
        raise InvalidInput(
            "The key would have expired already.",
            field="expires_at",
            fix="Name a time to come, or leave it out for a key without an end.",
        )


def _whole(key_id: str, secret: str) -> str:
    return f"{KEY_PREFIX}{key_id}_{secret}"


def _wrong(reason: str) -> WrongCredential:
    return WrongCredential(
        reason, field="Authorization", fix="Send `Bearer <key>`; `lectern key create` makes one."
    )


def _ended(reason: str) -> NotAuthenticated:
    return NotAuthenticated(
        reason, field="Authorization", fix="Use another key; `lectern key create` makes one."
    )


def _no_key(key_id: str) -> NotFound:
    return NotFound(f"There is no API key {key_id!r}.", field="key_id")
