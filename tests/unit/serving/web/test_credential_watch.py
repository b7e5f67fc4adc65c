"""The watch over open streams' credentials: each ends for its own reason, and no other does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lessons.errors import NotAuthenticated, Unavailable
from lessons.policy import Credential
from lessons.store import Database
from lessons.store.api_keys import ApiKeyStore
from lessons.store.credentials import CredentialStore
from serving.web.credential_watch import CredentialWatch

NEVER_SECONDS = 3600.0


@pytest.fixture
def keys(database: Database) -> ApiKeyStore:
    return ApiKeyStore(database)


@pytest.fixture
def watch(database: Database) -> CredentialWatch:
    """A watch that looks only when it is told to."""
    return CredentialWatch(CredentialStore(database), interval_seconds=NEVER_SECONDS)


async def credential_of(keys: ApiKeyStore, tenant_id: str) -> Credential:
    _, key = await keys.create(tenant_id, "platform")
    return await keys.authenticate(key)


async def test_only_the_revoked_one_is_over(
    watch: CredentialWatch, keys: ApiKeyStore, tenant_id: str
) -> None:
    one, other = await credential_of(keys, tenant_id), await credential_of(keys, tenant_id)
    async with watch, watch.watch(one) as first, watch.watch(other) as second:
        await watch.look()
        assert (first.reason, second.reason) == (None, None)
        await keys.revoke(tenant_id, one.api_key_id or "")
        await watch.look()
        assert first.over.is_set()
        assert "revoked" in str(first.reason)
        assert second.reason is None


async def test_every_stream_of_a_credential_ends(
    watch: CredentialWatch, keys: ApiKeyStore, tenant_id: str
) -> None:
    credential = await credential_of(keys, tenant_id)
    async with watch, watch.watch(credential) as first, watch.watch(credential) as second:
        await keys.revoke(tenant_id, credential.api_key_id or "")
        await watch.look()
        assert first.over.is_set()
        assert second.over.is_set()


async def test_the_secret_before_a_rotation_lasts_as_long_as_it_is_good(
    watch: CredentialWatch, keys: ApiKeyStore, tenant_id: str
) -> None:
    record, key = await keys.create(tenant_id, "platform")
    old = await keys.authenticate(key)
    _, new_key = await keys.rotate(tenant_id, record.id, timedelta(hours=1))
    new = await keys.authenticate(new_key)
    async with watch, watch.watch(old) as first, watch.watch(new) as second:
        await watch.look()
        assert (first.reason, second.reason) == (None, None)
        await keys.rotate(tenant_id, record.id, timedelta(hours=1))
        await watch.look()
        assert first.over.is_set()
        assert second.reason is None


async def test_time_alone_ends_a_credential(
    watch: CredentialWatch, keys: ApiKeyStore, tenant_id: str
) -> None:
    credential = await credential_of(keys, tenant_id)
    expired = replace(credential, expires_at=datetime.now(UTC))
    async with watch, watch.watch(expired) as watched:
        await watch.look()
        assert watched.over.is_set()


async def test_a_credential_that_acts_on_a_tenant_below_is_looked_up_at_home(
    watch: CredentialWatch, keys: ApiKeyStore, tenant_id: str
) -> None:
    credential = replace(await credential_of(keys, tenant_id), tenant_id="ten_below")
    async with watch, watch.watch(credential) as watched:
        await watch.look()
        assert watched.reason is None
        await keys.revoke(tenant_id, credential.api_key_id or "")
        await watch.look()
        assert watched.over.is_set()


async def test_an_outage_ends_nothing_and_is_caught_up_with(
    keys: ApiKeyStore, database: Database, tenant_id: str
) -> None:
    class Failing(CredentialStore):
        down = True

        async def over(self, *arguments: object) -> dict[Credential, NotAuthenticated]:
            if self.down:
                raise Unavailable("The database does not answer.")
            return await super().over(*arguments)  # type: ignore[arg-type]

    store = Failing(database)
    watch = CredentialWatch(store, interval_seconds=0.01)
    credential = await credential_of(keys, tenant_id)
    await keys.revoke(tenant_id, credential.api_key_id or "")
    async with watch, watch.watch(credential) as watched:
        await asyncio.sleep(0.05)
        assert watched.reason is None
        store.down = False
        async with asyncio.timeout(5):
            await watched.over.wait()


async def test_nothing_is_watched_any_more_once_a_stream_has_ended(
    watch: CredentialWatch, keys: ApiKeyStore, tenant_id: str
) -> None:
    credential = await credential_of(keys, tenant_id)
    async with watch:
        async with watch.watch(credential) as watched:
            pass
        await keys.revoke(tenant_id, credential.api_key_id or "")
        await watch.look()
        assert watched.reason is None
