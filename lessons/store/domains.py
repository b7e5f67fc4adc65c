"""Domains: the host names of white-labelled installations, and the tenant that each leads to."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from lessons.errors import Conflict, NotFound
from lessons.store.database import Database
from lessons.store.tables import domains

_ASK_FOR_HOST = text("SELECT set_config('lectern.host', :host, true)")


class DomainStore:
    """Keeps which host leads to which tenant. A host is kept in lower case, without a port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, tenant_id: str, host: str) -> None:
        """Let a host lead to a tenant; claiming it again changes nothing.

        Raises:
            Conflict: it leads to another tenant.
        """
        row = {"host": host.lower(), "tenant_id": tenant_id, "created_at": datetime.now(UTC)}
        async with self._database.transaction(tenant_id) as connection:
            await connection.execute(insert(domains).values(row).on_conflict_do_nothing())
            own = select(domains.c.host).where(domains.c.host == host.lower())
            if await connection.scalar(own) is None:
                raise Conflict(
                    f"{host} leads to another tenant.",
                    field="host",
                    fix="Have that tenant release it first.",
                )

    async def release(self, tenant_id: str, host: str) -> None:
        """Let a host lead nowhere.

        Raises:
            NotFound: it does not lead to this tenant.
        """
        statement = delete(domains).where(
            domains.c.tenant_id == tenant_id, domains.c.host == host.lower()
        )
        async with self._database.transaction(tenant_id) as connection:
            if await connection.scalar(statement.returning(domains.c.host)) is None:
                raise NotFound(f"The tenant has no host {host!r}.", field="host")

    async def list_hosts(
        self, tenant_id: str, limit: int = 50, after: str | None = None
    ) -> list[str]:
        """Return the hosts that lead to a tenant, in order.

        Args:
            after: the last host of the page before this one.
        """
        query = (
            select(domains.c.host)
            .where(domains.c.tenant_id == tenant_id, domains.c.host > (after or ""))
            .order_by(domains.c.host)
            .limit(limit)
        )
        async with self._database.transaction(tenant_id) as connection:
            return list((await connection.scalars(query)).all())

    async def tenant_of(self, host: str) -> str | None:
        """Return the tenant that a host leads to, or None."""
        async with self._database.transaction(None) as connection:
            await connection.execute(_ASK_FOR_HOST, {"host": host.lower()})
            query = select(domains.c.tenant_id).where(domains.c.host == host.lower())
            found: str | None = await connection.scalar(query)
        return found
