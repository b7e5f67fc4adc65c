"""Identities: who somebody is at a tenant's OpenID provider, and which person that is here."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotAuthenticated
from lessons.identifiers import new_id
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.tables import identities, people

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:identity, 0))")

NAMELESS = "Signed-in person"
"""Where the provider tells no name."""

MAX_NAME_CHARACTERS = 200


class Identity(Record):
    """What a provider says of somebody.

    Attributes:
        subject: the provider's own name for them; never given to somebody else.
        email: only where the provider says that it was verified; None otherwise.
    """

    issuer: str
    subject: str
    name: str | None = None
    email: str | None = None


class IdentityStore:
    """Finds the person behind an identity. A name or a subject alone never makes two into one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person_of(self, tenant_id: str, identity: Identity) -> str:
        """Return the id of the person who signs in with this identity.

        Whoever comes for the first time is the one person of the tenant with that verified e-mail
        address, if there is exactly one and nobody else of the provider is that person; else a new
        person, who has no role until an administrator gives one.

        Raises:
            NotAuthenticated: the person was erased.
        """
        key = (
            identities.c.tenant_id == tenant_id,
            identities.c.issuer == identity.issuer,
            identities.c.subject == identity.subject,
        )
        now = datetime.now(UTC)
        async with self._database.transaction(tenant_id) as connection:
            lock = {"identity": f"{tenant_id} {identity.issuer} {identity.subject}"}
            await connection.execute(_ONE_AT_A_TIME, lock)
            known = await connection.scalar(
                update(identities)
                .where(*key)
                .values(signed_in_at=now)
                .returning(identities.c.person_id)
            )
            if known is None:
                known = await _by_email(connection, tenant_id, identity)
                known = known or await _make(connection, tenant_id, identity, now)
                row = {
                    "tenant_id": tenant_id,
                    "issuer": identity.issuer,
                    "subject": identity.subject,
                    "person_id": known,
                    "created_at": now,
                    "signed_in_at": now,
                }
                await connection.execute(insert(identities).values(row))
            await _require_not_erased(connection, tenant_id, str(known))
        return str(known)


async def _by_email(connection: AsyncConnection, tenant_id: str, identity: Identity) -> str | None:
    """Return the one person with this address who is nobody else at the provider, or None."""
    if identity.email is None:
        return None
    taken = select(identities.c.person_id).where(
        identities.c.tenant_id == tenant_id, identities.c.issuer == identity.issuer
    )
    query = select(people.c.id, people.c.id.in_(taken)).where(
        people.c.tenant_id == tenant_id,
        _has_email(identity),
        people.c.erased_at.is_(None),
    )
    rows = (await connection.execute(query.limit(2))).all()
    if len(rows) != 1 or rows[0][1]:
        return None
    return str(rows[0].id)


async def _make(
    connection: AsyncConnection, tenant_id: str, identity: Identity, now: datetime
) -> str:
    """Make a person, with the address unless it is somebody's: it would lead to neither then."""
    person_id = new_id("per")
    taken = select(people.c.id).where(people.c.tenant_id == tenant_id, _has_email(identity))
    is_free = await connection.scalar(taken.limit(1)) is None
    row = {
        "tenant_id": tenant_id,
        "id": person_id,
        "name": (identity.name or NAMELESS)[:MAX_NAME_CHARACTERS],
        "email": identity.email if is_free else None,
        "created_at": now,
    }
    await connection.execute(insert(people).values(row))
    return person_id


def _has_email(identity: Identity) -> ColumnElement[bool]:
    return func.lower(people.c.email) == func.lower(identity.email)


async def _require_not_erased(connection: AsyncConnection, tenant_id: str, person_id: str) -> None:
    erased = select(people.c.erased_at).where(
        people.c.tenant_id == tenant_id, people.c.id == person_id
    )
    if await connection.scalar(erased) is not None:
        raise NotAuthenticated(
            "This person's data was erased at their wish.",
            fix="Ask an administrator to begin anew.",
        )
