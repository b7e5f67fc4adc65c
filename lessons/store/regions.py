"""Region pinning: a tenant that is bound to a region is served nowhere else."""

from __future__ import annotations

from cachetools import LRUCache, TTLCache
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotAllowed

REMEMBERED_SECONDS = 10.0
"""How long a process goes by the region that it last read of a tenant."""

REMEMBERED_TENANTS = 10_000

_REGION = text("SELECT effective ->> 'region' FROM tenants WHERE id = :tenant_id")


class WrongRegion(NotAllowed):
    """The tenant's data may be in another region only."""

    code = "wrong_region"


class RegionPin:
    """Holds tenants to the region of this installation.

    A tenant without a region is served everywhere, an installation without one serves only those.

    Args:
        region: where this installation and its store are; None: it was not said.
        models_region: where its models run.
    """

    def __init__(self, region: str | None = None, models_region: str | None = None) -> None:
        self._region = region
        self._models_region = models_region
        self._fresh: TTLCache[str, str | None] = TTLCache(REMEMBERED_TENANTS, REMEMBERED_SECONDS)
        self._last: LRUCache[str, str | None] = LRUCache(REMEMBERED_TENANTS)

    async def require(self, connection: AsyncConnection, tenant_id: str) -> None:
        """Let a transaction of the tenant go on; asks the store now and then.

        Raises:
            WrongRegion: the tenant is bound to another region.
        """
        try:
            wanted = self._fresh[tenant_id]
        except KeyError:
            wanted = await connection.scalar(_REGION, {"tenant_id": tenant_id})
            self._fresh[tenant_id] = self._last[tenant_id] = wanted
        _compare(wanted, self._region, "This installation is", "LECTERN_REGION")

    def is_known_to_be_here(self, tenant_id: str) -> bool:
        """Tell whether the tenant was seen lately to belong here, without asking the store."""
        try:
            return self._fresh[tenant_id] in (None, self._region)
        except KeyError:
            return False

    def require_models(self, tenant_id: str) -> None:
        """Let a tenant's speech go to the models; call it after a transaction of the tenant.

        Raises:
            WrongRegion: the models run in another region than the tenant is bound to.
        """
        _compare(
            self._last[tenant_id], self._models_region, "The models are", "LECTERN_MODELS_REGION"
        )


def _compare(wanted: str | None, here: str | None, what: str, setting: str) -> None:
    if wanted is not None and wanted != here:
        where = f"in {here!r}" if here else "in no region that was named"
        raise WrongRegion(
            f"The tenant is bound to the region {wanted!r}. {what} {where}.",
            field="Lectern-Tenant",
            fix=f"Go to the installation in {wanted!r}, or let its operator set {setting}.",
        )
