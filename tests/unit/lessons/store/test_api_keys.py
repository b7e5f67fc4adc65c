from __future__ import annotations

import pytest
from sqlalchemy import text

from lessons.errors import NotAuthenticated, NotFound
from lessons.identifiers import new_id
from lessons.store import ApiKeyStore, Database


@pytest.fixture
def keys(database: Database) -> ApiKeyStore:
    return ApiKeyStore(database)


async def test_a_key_says_which_tenant_it_is(keys: ApiKeyStore, tenant_id: str) -> None:
    record, key = await keys.create(tenant_id, "platform")
    credential = await keys.authenticate(key)
    assert (credential.kind, credential.tenant_id) == ("api_key", tenant_id)
    assert credential.api_key_id == record.id
    assert await keys.list_keys(tenant_id) == [record]


async def test_the_secret_is_not_stored(
    keys: ApiKeyStore, database: Database, tenant_id: str
) -> None:
    _, key = await keys.create(tenant_id, "platform")
    async with database.transaction(tenant_id) as connection:
        row = await connection.scalar(text("SELECT row_to_json(api_keys)::text FROM api_keys"))
    assert key.rpartition("_")[2] not in row


async def test_a_revoked_key_is_refused(keys: ApiKeyStore, tenant_id: str) -> None:
    record, key = await keys.create(tenant_id, "platform")
    await keys.revoke(tenant_id, record.id)
    with pytest.raises(NotAuthenticated, match="revoked"):
        await keys.authenticate(key)


async def test_another_tenant_cannot_revoke_it(keys: ApiKeyStore, tenant_id: str) -> None:
    record, key = await keys.create(tenant_id, "platform")
    with pytest.raises(NotFound):
        await keys.revoke(new_id("ten"), record.id)
    await keys.authenticate(key)


@pytest.mark.parametrize(
    "key", ["", "lk_", "lk_x", "lk__", "sk_key_1_2", "lk_key_none_00", "lk_a\0_b"]
)
async def test_what_is_no_key_is_refused(keys: ApiKeyStore, key: str) -> None:
    with pytest.raises(NotAuthenticated):
        await keys.authenticate(key)


async def test_a_key_with_a_wrong_secret_is_refused(keys: ApiKeyStore, tenant_id: str) -> None:
    _, key = await keys.create(tenant_id, "platform")
    with pytest.raises(NotAuthenticated, match="unknown"):
        await keys.authenticate(key[:-1] + ("0" if key[-1] != "0" else "1"))
