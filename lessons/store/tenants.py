"""Tenants in the store: the tree, and the settings in force for each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, NotFound
from lessons.identifiers import new_id
from lessons.store.database import Database
from lessons.store.tables import tenants as tenant_table
from lessons.store.tenant_secrets import open_secrets, seal_secrets
from lessons.tenants import (
    Tenant,
    TenantSettings,
    changed_settings,
    effective_settings,
    path_below,
    require_no_circle,
    require_overridable,
)

TOP_KIND = "institution"
_LOCK_TREE = text("SELECT pg_advisory_xact_lock(hashtextextended('lectern.tenants:' || :top, 0))")


class TenantStore:
    """Keeps the tree of tenants. Whoever acts sees its own tenant and those below, never above.

    In all methods `acting` is the tenant that acts.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keyring = database.keyring

    async def settings(self, tenant_id: str) -> TenantSettings:
        """Return what is in force for a tenant; one without a row has the defaults."""
        async with self._database.transaction(tenant_id) as connection:
            effective = await connection.scalar(
                select(tenant_table.c.effective).where(tenant_table.c.id == tenant_id)
            )
        return TenantSettings.model_validate(open_secrets(self._keyring, effective) or {})

    async def get(self, acting: str, tenant_id: str) -> Tenant:
        """Return one tenant.

        Raises:
            NotFound: there is none such at or below the acting one.
        """
        async with self._database.transaction(acting) as connection:
            return await self._read(connection, acting, tenant_id)

    async def is_at_or_below(self, acting: str, tenant_id: str) -> bool:
        """Tell whether a tenant is the acting one or lies below it."""
        if acting == tenant_id:
            return True
        query = select(tenant_table.c.id).where(tenant_table.c.id == tenant_id)
        async with self._database.transaction(acting) as connection:
            return await connection.scalar(query) is not None

    async def list_below(
        self, acting: str, parent_id: str, limit: int = 50, after: str | None = None
    ) -> list[Tenant]:
        """Return the tenants right below one, oldest first.

        Args:
            after: id of the last tenant of the page before this one.

        Raises:
            NotFound: there is no such parent at or below the acting tenant.
        """
        query = (
            select(tenant_table)
            .where(tenant_table.c.parent_id == parent_id, tenant_table.c.id > (after or ""))
            .order_by(tenant_table.c.id)
            .limit(limit)
        )
        async with self._database.transaction(acting) as connection:
            await self._read(connection, acting, parent_id)
            rows = (await connection.execute(query)).mappings().all()
        return [self._tenant(row) for row in rows]

    async def create(
        self, acting: str, parent_id: str, name: str, kind: str, settings: Mapping[str, Any]
    ) -> Tenant:
        """Put a new tenant below another.

        Raises:
            NotFound: there is no such parent at or below the acting tenant.
            Conflict: the tree would be too deep.
            InvalidInput: the settings are malformed, or wider than the ancestors allow.
        """
        async with self._database.transaction(acting) as connection:
            parent = await self._lock(connection, acting, parent_id)
            require_overridable(parent.effective, settings)
            tenant_id = new_id("ten")
            tenant = Tenant(
                id=tenant_id,
                parent_id=parent_id,
                path=path_below(parent.path, tenant_id),
                name=name,
                kind=kind,
                settings=dict(settings),
                inherited=parent.effective,
                effective=effective_settings(parent.effective, settings),
                created_at=datetime.now(UTC),
            )
            await connection.execute(insert(tenant_table).values(self._row(tenant)))
        return tenant

    async def change(
        self,
        acting: str,
        tenant_id: str,
        *,
        name: str | None = None,
        kind: str | None = None,
        parent_id: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Tenant:
        """Rename, move or set a tenant; what is None stays. All below follow at once.

        Args:
            settings: a JSON merge patch of its own settings.

        Raises:
            NotFound: there is no such tenant or parent at or below the acting tenant.
            Conflict: the tenants would go round in a circle, or data would change its region.
            InvalidInput: the settings are malformed, or wider than the ancestors allow.
        """
        async with self._database.transaction(acting) as connection:
            before = await self._lock(connection, acting, tenant_id)
            parent = None
            if parent_id is not None and parent_id != before.parent_id:
                parent = await self._read(connection, acting, parent_id)
                require_no_circle(tenant_id, parent.path)
            own = changed_settings(before.settings, settings or {})
            above = parent.effective if parent else before.inherited
            require_overridable(above, own)
            after = before.model_copy(
                update={
                    "name": name or before.name,
                    "kind": kind or before.kind,
                    "parent_id": parent.id if parent else before.parent_id,
                    "path": path_below(parent.path, tenant_id) if parent else before.path,
                    "settings": own,
                    "inherited": above,
                    "effective": effective_settings(above, own),
                }
            )
            await self._save(connection, before, after)
            await self._carry_down(connection, after)
        return after

    async def _read(self, connection: AsyncConnection, acting: str, tenant_id: str) -> Tenant:
        query = select(tenant_table).where(tenant_table.c.id == tenant_id)
        row = (await connection.execute(query)).mappings().one_or_none()
        if row is not None:
            return self._tenant(row)
        if tenant_id != acting:
            raise NotFound(
                f"There is no tenant {tenant_id!r} here.",
                field="tenant_id",
                fix="List them at GET /v1/tenants.",
            )
        return _top(tenant_id)

    async def _lock(self, connection: AsyncConnection, acting: str, tenant_id: str) -> Tenant:
        """Return a tenant whose tree nobody else changes until commit; store a top without row.

        Two moves at once could otherwise make a circle that neither of them sees.
        """
        top = (await self._read(connection, acting, tenant_id)).path[0]
        await connection.execute(_LOCK_TREE, {"top": top})
        tenant = await self._read(connection, acting, tenant_id)
        if tenant_id == acting:
            await connection.execute(
                upsert(tenant_table).values(self._row(tenant)).on_conflict_do_nothing()
            )
        return tenant

    async def _save(self, connection: AsyncConnection, before: Tenant, after: Tenant) -> None:
        """Store a tenant that changed.

        Raises:
            Conflict: its data would have to change its region.
        """
        region, wanted = before.effective.region, after.effective.region
        if region is not None and region != wanted:
            raise Conflict(
                f"The data of tenant {after.id} lies in region {region!r}, not {wanted!r}.",
                field="settings.region",
                fix="Export it, and make a new tenant in the other region.",
            )
        row = self._row(after)
        await connection.execute(
            update(tenant_table).where(tenant_table.c.id == row.pop("id")).values(row)
        )

    async def _carry_down(self, connection: AsyncConnection, after: Tenant) -> None:
        """Bring everything below a tenant to its new place and settings, level by level."""
        query = (
            select(tenant_table)
            .where(tenant_table.c.path.contains([after.id]), tenant_table.c.id != after.id)
            .order_by(func.cardinality(tenant_table.c.path))
        )
        parents = {after.id: after}
        for row in (await connection.execute(query)).mappings().all():
            old = self._tenant(row)
            parent = parents[old.parent_id or ""]
            new = old.model_copy(
                update={
                    "path": path_below(parent.path, old.id),
                    "inherited": parent.effective,
                    "effective": effective_settings(parent.effective, old.settings),
                }
            )
            parents[new.id] = new
            if new != old:
                await self._save(connection, old, new)

    def _tenant(self, row: RowMapping) -> Tenant:
        columns = ("settings", "inherited", "effective")
        opened = {name: open_secrets(self._keyring, row[name]) for name in columns}
        return Tenant.model_validate({**row, **opened})

    def _row(self, tenant: Tenant) -> dict[str, Any]:
        row = tenant.model_dump(mode="json") | {"created_at": tenant.created_at}
        for name in ("settings", "inherited", "effective"):
            row[name] = seal_secrets(self._keyring, row[name])
        return row


def _top(tenant_id: str) -> Tenant:
    """Return a tenant that was only ever named by its keys: the top of a tree of its own."""
    return Tenant(
        id=tenant_id,
        parent_id=None,
        path=[tenant_id],
        name=tenant_id,
        kind=TOP_KIND,
        settings={},
        inherited=None,
        effective=TenantSettings(),
        created_at=datetime.now(UTC),
    )
