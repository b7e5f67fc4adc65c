"""What a tenant has masked in its captions: for events from the store, and for what passes by."""

from __future__ import annotations

from cachetools import TTLCache
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.privacy.masking import Masking
from lessons.store.database import Database
from lessons.tenants.settings import CaptionRules

REMEMBERED_SECONDS = 5.0
"""How long passing captions go by what was last read of a tenant."""

REMEMBERED_TENANTS = 10_000

_RULES = text(
    "SELECT effective -> 'captions', effective -> 'languages' FROM tenants WHERE id = :tenant_id"
)


async def masking_in(connection: AsyncConnection, tenant_id: str) -> Masking:
    """Return what a tenant has masked, within a transaction of the caller."""
    row = (await connection.execute(_RULES, {"tenant_id": tenant_id})).one_or_none()
    rules, languages = row or (None, None)
    return Masking(CaptionRules.model_validate(rules or {}), tuple(languages or ()))


class MaskingRules:
    """What tenants have masked, remembered for a few seconds: for captions that pass by."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fresh: TTLCache[str, Masking] = TTLCache(REMEMBERED_TENANTS, REMEMBERED_SECONDS)

    async def of(self, tenant_id: str) -> Masking:
        """Return what a tenant has masked.

        Raises:
            Unavailable: the database does not answer.
        """
        try:
            return self._fresh[tenant_id]
        except KeyError:
            async with self._database.transaction(tenant_id) as connection:
                masking = await masking_in(connection, tenant_id)
        self._fresh[tenant_id] = masking
        return masking
