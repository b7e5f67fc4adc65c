"""Whether a lesson may be captioned: as its tenant says, and by which engines."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from lessons.errors import Unavailable
from lessons.store.tenants import TenantStore
from lessons.tenants import CaptionTargets, allows_engine

logger = logging.getLogger(__name__)


class CaptionRules:
    """What tenants say about captions.

    Args:
        engine: tells the name of the engine that is loaded; raises Unavailable while none is.
    """

    def __init__(self, tenants: TenantStore, engine: Callable[[], Awaitable[str]]) -> None:
        self._tenants = tenants
        self._engine = engine

    async def targets(self, tenant_id: str) -> CaptionTargets:
        """Return how late this tenant's captions may be."""
        return (await self._tenants.settings(tenant_id)).caption_targets

    async def allow(self, tenant_id: str) -> bool:
        """Tell whether speech of this tenant may go to the engine that is loaded.

        Where only some engines are allowed and it cannot be told which one there is, it may not.
        """
        settings = await self._tenants.settings(tenant_id)
        if not settings.features.live_captions:
            return False
        if settings.engines_allowed is None:
            return True  # So the models may still be starting.
        try:
            engine = await self._engine()
        except Unavailable as away:
            logger.warning(
                "no captions for %s, which allows some engines only: %s", tenant_id, away
            )
            return False
        return allows_engine(settings, engine)
