"""`lectern key`: from making a key to its end, on a real database."""

from __future__ import annotations

import asyncio

import pytest
from typer.testing import CliRunner, Result

from lessons.errors import InvalidInput, NotAuthenticated, NotFound
from lessons.policy import Credential
from lessons.store import Database
from lessons.store.api_keys import KEY_PREFIX, ApiKeyStore
from serving.cli import app


@pytest.fixture
def where(database_url: str, tenant_id: str) -> list[str]:
    return ["--database-url", database_url, "--tenant", tenant_id]


def lectern_key(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["key", *arguments])


def credential_of(database_url: str, key: str) -> Credential:
    async def ask() -> Credential:
        database = Database(database_url)
        try:
            return await ApiKeyStore(database).authenticate(key)
        finally:
            await database.dispose()

    return asyncio.run(ask())


def test_a_key_from_its_making_to_its_end(
    database_url: str, tenant_id: str, where: list[str]
) -> None:
    made = lectern_key("create", "staging", "--scope", "lessons:read", "--days", "30", *where)
    key = made.output.strip()
    assert key.startswith(KEY_PREFIX)
    credential = credential_of(database_url, key)
    assert credential.tenant_id == tenant_id
    assert credential.scopes == frozenset({"lessons:read"})
    key_id = credential.api_key_id or ""
    listed = lectern_key("list", *where).output
    assert key_id in listed
    assert "good until" in listed
    assert key.rpartition("_")[2] not in listed
    rotated = lectern_key("rotate", key_id, "--overlap-hours", "0", *where).output.strip()
    with pytest.raises(NotAuthenticated):
        credential_of(database_url, key)
    assert credential_of(database_url, rotated).api_key_id == key_id
    assert lectern_key("revoke", key_id, *where).exit_code == 0
    with pytest.raises(NotAuthenticated, match="revoked"):
        credential_of(database_url, rotated)
    assert "revoked" in lectern_key("list", *where).output


def test_a_scope_that_is_none_is_refused_with_the_nearest(where: list[str]) -> None:
    refused = lectern_key("create", "x", "--scope", "lesson:read", *where)
    assert isinstance(refused.exception, InvalidInput)
    assert "lessons:read" in str(refused.exception)


def test_a_key_that_is_not_there_cannot_be_revoked(where: list[str]) -> None:
    assert isinstance(lectern_key("revoke", "key_x", *where).exception, NotFound)
