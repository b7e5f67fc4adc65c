from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from lessons.errors import Conflict, InvalidInput, NotAuthenticated, NotFound, WrongCredential
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
    assert credential.scopes is None
    assert [kept.id for kept in await keys.list_keys(tenant_id)] == [record.id]


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
    with pytest.raises(WrongCredential, match="unknown"):
        await keys.authenticate(key[:-1] + ("0" if key[-1] != "0" else "1"))


async def test_a_key_keeps_its_scopes(keys: ApiKeyStore, tenant_id: str) -> None:
    _, key = await keys.create(tenant_id, "reader", scopes=["lessons:read", "events:read"])
    credential = await keys.authenticate(key)
    assert credential.scopes == frozenset({"lessons:read", "events:read"})


async def test_a_key_ends_when_its_time_has_come(
    keys: ApiKeyStore, database: Database, tenant_id: str
) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    record, key = await keys.create(tenant_id, "trial", expires_at=soon)
    assert (await keys.authenticate(key)).expires_at == soon
    async with database.transaction(tenant_id) as connection:
        await connection.execute(text("UPDATE api_keys SET expires_at = now()"))
    with pytest.raises(NotAuthenticated, match="expired") as refused:
        await keys.authenticate(key)
    assert not isinstance(refused.value, WrongCredential)
    with pytest.raises(Conflict):
        await keys.rotate(tenant_id, record.id, timedelta())


async def test_a_key_that_has_expired_already_is_not_made(
    keys: ApiKeyStore, tenant_id: str
) -> None:
    with pytest.raises(InvalidInput):
        await keys.create(tenant_id, "late", expires_at=datetime.now(UTC))


async def test_both_secrets_are_good_while_a_rotation_overlaps(
    keys: ApiKeyStore, database: Database, tenant_id: str
) -> None:
    record, old = await keys.create(tenant_id, "platform")
    rotated, new = await keys.rotate(tenant_id, record.id, timedelta(hours=1))
    assert (rotated.id, rotated.previous_used_at) == (record.id, None)
    old_credential, new_credential = await keys.authenticate(old), await keys.authenticate(new)
    assert old_credential.api_key_id == new_credential.api_key_id == record.id
    assert old_credential.expires_at == rotated.previous_expires_at
    assert new_credential.expires_at is None
    assert (await keys.get(tenant_id, record.id)).previous_used_at is not None
    async with database.transaction(tenant_id) as connection:
        await connection.execute(text("UPDATE api_keys SET previous_expires_at = now()"))
    with pytest.raises(NotAuthenticated, match="rotated"):
        await keys.authenticate(old)
    await keys.authenticate(new)


async def test_a_second_rotation_ends_the_oldest_secret_at_once(
    keys: ApiKeyStore, tenant_id: str
) -> None:
    record, first = await keys.create(tenant_id, "platform")
    _, second = await keys.rotate(tenant_id, record.id, timedelta(hours=1))
    _, third = await keys.rotate(tenant_id, record.id, timedelta(hours=1))
    with pytest.raises(WrongCredential):
        await keys.authenticate(first)
    await keys.authenticate(second)
    await keys.authenticate(third)


async def test_without_an_overlap_only_the_new_secret_is_good(
    keys: ApiKeyStore, tenant_id: str
) -> None:
    record, old = await keys.create(tenant_id, "leaked")
    _, new = await keys.rotate(tenant_id, record.id, timedelta())
    with pytest.raises(NotAuthenticated):
        await keys.authenticate(old)
    await keys.authenticate(new)


async def test_the_last_use_is_noted_to_the_minute(
    keys: ApiKeyStore, database: Database, tenant_id: str
) -> None:
    record, key = await keys.create(tenant_id, "platform")
    assert record.last_used_at is None
    await keys.authenticate(key)
    first = (await keys.get(tenant_id, record.id)).last_used_at
    await keys.authenticate(key)
    assert (await keys.get(tenant_id, record.id)).last_used_at == first
    async with database.transaction(tenant_id) as connection:
        earlier = text("UPDATE api_keys SET last_used_at = now() - interval '2 minutes'")
        await connection.execute(earlier)
    await keys.authenticate(key)
    noted = (await keys.get(tenant_id, record.id)).last_used_at
    assert first is not None
    assert noted is not None
    assert noted >= first


async def test_a_wrong_secret_is_no_use(keys: ApiKeyStore, tenant_id: str) -> None:
    record, key = await keys.create(tenant_id, "platform")
    with pytest.raises(WrongCredential):
        await keys.authenticate(key[:-1] + ("0" if key[-1] != "0" else "1"))
    assert (await keys.get(tenant_id, record.id)).last_used_at is None


async def test_pages_of_keys_follow_each_other(keys: ApiKeyStore, tenant_id: str) -> None:
    made = {(await keys.create(tenant_id, f"key {number}"))[0].id for number in range(3)}
    first = await keys.list_keys(tenant_id, limit=2)
    second = await keys.list_keys(tenant_id, limit=2, before=first[-1].id)
    assert {key.id for key in first + second} == made
    assert len(second) == 1
