"""Whether cameras of a tenant's learners may be looked at: as the tenant says, and its region."""

from __future__ import annotations

from collections.abc import Collection

from lessons.store.tenants import TenantStore
from serving.observability.camera_metrics import CameraRefusal


class CameraRules:
    """What tenants and regions say about cameras; consent is each learner's own, and comes after.

    Args:
        tenants: their settings.
        region: where this installation is; None: it was not said.
        forbidden_regions: regions that forbid it, to tenants bound to them and to installations
            there.
    """

    def __init__(
        self,
        tenants: TenantStore,
        region: str | None = None,
        forbidden_regions: Collection[str] = (),
    ) -> None:
        self._tenants = tenants
        self._region = region
        self._forbidden = frozenset(forbidden_regions)

    async def refusal(self, tenant_id: str) -> CameraRefusal | None:
        """Tell what stands against looking at cameras whose owners consent; None: nothing does.

        Without signals about participation there is nothing to look for.

        Raises:
            Unavailable: the database does not answer.
        """
        settings = await self._tenants.settings(tenant_id)
        if not (settings.engagement.camera and settings.engagement.signals):
            return "tenant"
        forbidden = self._region in self._forbidden or settings.region in self._forbidden
        return "region" if forbidden else None
