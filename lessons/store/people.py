"""The people of a tenant, across its lessons."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.identifiers import new_id
from lessons.store.tables import people


async def find_or_make_person(
    connection: AsyncConnection, tenant_id: str, name: str, external_id: str | None
) -> str:
    """Return the id of the tenant's person of that `external_id`; make one where there is none.

    Without an `external_id` nobody can be found again, so a new person is made each time.
    """
    row = {
        "tenant_id": tenant_id,
        "id": new_id("per"),
        "name": name,
        "external_id": external_id,
        "created_at": datetime.now(UTC),
    }
    statement = insert(people).values(row).on_conflict_do_nothing().returning(people.c.id)
    made = await connection.scalar(statement)
    if made is not None:
        return str(made)
    known = await connection.scalar(
        select(people.c.id).where(
            people.c.tenant_id == tenant_id, people.c.external_id == external_id
        )
    )
    return str(known)
