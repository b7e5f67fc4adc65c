"""Which of many credentials are still good, asked for all of a tenant's open streams at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotAuthenticated
from lessons.policy import Credential
from lessons.store.database import Database
from lessons.store.tables import api_keys, participants, people, sign_ins, token_generations


class CredentialStore:
    """Tells which credentials, once found good, are so no longer. It never sees a secret."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def over(
        self, tenant_id: str, credentials: Collection[Credential]
    ) -> dict[Credential, NotAuthenticated]:
        """Return those of a tenant's credentials that are over, and why: three queries at most.

        Args:
            tenant_id: where all of them live (`home_tenant_id`).

        Raises:
            Unavailable: the database does not answer.
        """
        now = datetime.now(UTC)
        reasons = {
            credential: "The credential has expired."
            for credential in credentials
            if credential.expires_at is not None and credential.expires_at <= now
        }
        async with self._database.transaction(tenant_id) as connection:
            for credential in await _void_keys(connection, tenant_id, credentials, now):
                reasons[credential] = "The API key has been revoked, rotated or has expired."
            for credential in await _void_tokens(connection, tenant_id, credentials):
                reasons[credential] = "The token has been revoked."
            for credential in await _ended_sign_ins(connection, tenant_id, credentials):
                reasons[credential] = "The sign-in is over."
        return {
            credential: NotAuthenticated(reason, field="Authorization", fix="Authenticate anew.")
            for credential, reason in reasons.items()
        }


async def _void_keys(
    connection: AsyncConnection, tenant_id: str, credentials: Collection[Credential], now: datetime
) -> list[Credential]:
    by_id = _by_id(credentials, "api_key_id")
    if not by_id:
        return []
    query = select(api_keys).where(api_keys.c.tenant_id == tenant_id, api_keys.c.id.in_(by_id))
    rows = {row.id: row for row in await connection.execute(query)}
    return [
        credential
        for key_id, held in by_id.items()
        for credential in held
        if key_id not in rows or not _is_good_key(rows[key_id], credential, now)
    ]


def _is_good_key(row: Row[Any], credential: Credential, now: datetime) -> bool:
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return False
    if credential.generation == row.rotations:
        return True
    is_previous = credential.generation == row.rotations - 1
    return is_previous and row.previous_expires_at is not None and row.previous_expires_at > now


async def _void_tokens(
    connection: AsyncConnection, tenant_id: str, credentials: Collection[Credential]
) -> list[Credential]:
    by_id = _by_id(credentials, "participant_id")
    if not by_id:
        return []
    same = (token_generations.c.tenant_id == participants.c.tenant_id) & (
        token_generations.c.participant_id == participants.c.id
    )
    query = (
        select(participants.c.id, func.coalesce(token_generations.c.generation, 0).label("needed"))
        .select_from(participants.outerjoin(token_generations, same))
        .where(participants.c.tenant_id == tenant_id, participants.c.id.in_(by_id))
    )
    needed = {row.id: row.needed for row in await connection.execute(query)}
    return [
        credential
        for participant_id, held in by_id.items()
        for credential in held
        if participant_id not in needed or credential.generation < needed[participant_id]
    ]


async def _ended_sign_ins(
    connection: AsyncConnection, tenant_id: str, credentials: Collection[Credential]
) -> list[Credential]:
    people_signed_in = [one for one in credentials if one.kind == "person"]
    by_id = _by_id(people_signed_in, "token_id")
    if not by_id:
        return []
    same_person = (people.c.tenant_id == sign_ins.c.tenant_id) & (
        people.c.id == sign_ins.c.person_id
    )
    query = (
        select(sign_ins.c.id)
        .select_from(sign_ins.join(people, same_person))
        .where(
            sign_ins.c.tenant_id == tenant_id,
            sign_ins.c.id.in_(by_id),
            sign_ins.c.ended_at.is_(None),
            people.c.erased_at.is_(None),
        )
    )
    good = set((await connection.scalars(query)).all())
    return [credential for one, held in by_id.items() if one not in good for credential in held]


def _by_id(credentials: Collection[Credential], attribute: str) -> dict[str, list[Credential]]:
    """Return the credentials that have this id, by it; several streams may bear the same."""
    found: dict[str, list[Credential]] = {}
    for credential in credentials:
        value = getattr(credential, attribute)
        if value is not None:
            found.setdefault(value, []).append(credential)
    return found
