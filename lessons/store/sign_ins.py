"""Sign-ins: browsers in which a person has proved who they are, and the proof they bear."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Row, delete, select, update

from lessons.bearer_secrets import SECRET_PATTERN, digest_of, is_secret_of, new_secret
from lessons.errors import NotAuthenticated, NotFound, WrongCredential
from lessons.identifiers import new_id
from lessons.policy import Credential
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.tables import people, sign_ins

SIGN_IN_PREFIX = "ls_"
"""Every sign-in's proof begins with this."""

LIFETIME = timedelta(hours=12)
"""How long a sign-in lasts, used or not."""

IDLE_LIFETIME = timedelta(hours=4)
"""How long it lasts while nothing is asked with it."""

USE_NOTED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is."""

KEPT = timedelta(days=30)
"""How long one that is over stays listed; removed when the same person signs in again."""

_PROOF = re.compile(
    rf"{SIGN_IN_PREFIX}([A-Za-z0-9_-]{{1,100}})\.(sgn_[0-9a-z]{{26}})\.({SECRET_PATTERN})"
)


class SignIn(Record):
    """One browser in which a person is or was signed in."""

    id: str
    person_id: str
    created_at: AwareDatetime
    last_used_at: AwareDatetime
    expires_at: AwareDatetime
    ended_at: AwareDatetime | None = None


class SignInStore:
    """Begins, checks and ends sign-ins. Only a SHA-256 digest of a proof's secret is stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, tenant_id: str, person_id: str) -> tuple[SignIn, str]:
        """Sign a person in; return the record and the proof, which is never shown again."""
        secret = new_secret()
        now = datetime.now(UTC)
        begun = SignIn(
            id=new_id("sgn"),
            person_id=person_id,
            created_at=now,
            last_used_at=now,
            expires_at=now + LIFETIME,
        )
        row = {**begun.model_dump(), "tenant_id": tenant_id, "secret_digest": digest_of(secret)}
        long_over = delete(sign_ins).where(
            sign_ins.c.tenant_id == tenant_id,
            sign_ins.c.person_id == person_id,
            sign_ins.c.expires_at < now - KEPT,
        )
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(long_over)
            await connection.execute(sign_ins.insert().values(row))
        return begun, f"{SIGN_IN_PREFIX}{tenant_id}.{begun.id}.{secret}"

    async def authenticate(self, proof: str) -> Credential:
        """Return the credential of a person who signed in, and note that it was used.

        Raises:
            WrongCredential: the proof is malformed, unknown or wrong.
            NotAuthenticated: the sign-in is over, or the person was erased.
        """
        parts = _PROOF.fullmatch(proof)
        if parts is None:
            raise WrongCredential("The sign-in is malformed.", field="Authorization")
        tenant_id, sign_in_id, secret = parts.groups()
        now = datetime.now(UTC)
        same_person = (people.c.tenant_id == sign_ins.c.tenant_id) & (
            people.c.id == sign_ins.c.person_id
        )
        query = (
            select(sign_ins, people.c.name, people.c.erased_at)
            .select_from(sign_ins.join(people, same_person))
            .where(sign_ins.c.tenant_id == tenant_id, sign_ins.c.id == sign_in_id)
        )
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
            if not is_secret_of(row.secret_digest if row else None, secret) or row is None:
                raise WrongCredential("The sign-in is unknown.", field="Authorization")
            _require_good(row, now)
            if row.last_used_at <= now - USE_NOTED_EVERY:
                await connection.execute(
                    update(sign_ins)
                    .where(sign_ins.c.tenant_id == tenant_id, sign_ins.c.id == sign_in_id)
                    .values(last_used_at=now)
                )
        return Credential(
            tenant_id=tenant_id,
            kind="person",
            person_id=row.person_id,
            name=row.name,
            token_id=row.id,
            expires_at=row.expires_at,
        )

    async def list_current(self, tenant_id: str, person_id: str) -> list[SignIn]:
        """Return the person's sign-ins that are not over, newest first."""
        now = datetime.now(UTC)
        query = (
            select(sign_ins)
            .where(
                sign_ins.c.tenant_id == tenant_id,
                sign_ins.c.person_id == person_id,
                sign_ins.c.ended_at.is_(None),
                sign_ins.c.expires_at > now,
                sign_ins.c.last_used_at > now - IDLE_LIFETIME,
            )
            .order_by(sign_ins.c.id.desc())
        )
        async with self._database.transaction(tenant_id) as connection:
            return [SignIn.model_validate(row) for row in await connection.execute(query)]

    async def end(self, tenant_id: str, person_id: str, sign_in_id: str) -> None:
        """End one sign-in of a person; ending it again changes nothing.

        Raises:
            NotFound: the person has no such sign-in.
        """
        if not await self._end(tenant_id, person_id, sign_ins.c.id == sign_in_id):
            raise NotFound(f"There is no sign-in {sign_in_id!r}.", field="sign_in_id")

    async def end_all(self, tenant_id: str, person_id: str) -> int:
        """End every sign-in of a person; return how many were not over."""
        return await self._end(tenant_id, person_id, sign_ins.c.ended_at.is_(None))

    async def _end(self, tenant_id: str, person_id: str, condition: Any) -> int:
        now = datetime.now(UTC)
        statement = (
            update(sign_ins)
            .where(sign_ins.c.tenant_id == tenant_id, sign_ins.c.person_id == person_id, condition)
            .values(ended_at=now)
            .returning(sign_ins.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            return len((await connection.execute(statement)).all())


def _require_good(row: Row[Any], now: datetime) -> None:
    over = row.ended_at is not None or row.erased_at is not None
    if over or row.expires_at <= now or row.last_used_at <= now - IDLE_LIFETIME:
        raise NotAuthenticated(
            "The sign-in is over.", field="Authorization", fix="Sign in again at POST /v1/sign-in."
        )
