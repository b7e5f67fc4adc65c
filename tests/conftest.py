"""A real PostgreSQL for every test that needs one: started once, a fresh tenant per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from lessons.identifiers import new_id
from lessons.store import Database, EmbeddedPostgres, migrate


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an embedded server with the newest schema."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data")
    url = server.start()
    migrate(url)
    yield url
    server.stop()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool of the test's own, since a pool belongs to one event loop."""
    pool = Database(database_url)
    yield pool
    await pool.dispose()


@pytest.fixture
def tenant_id() -> str:
    """A tenant that no other test uses."""
    return new_id("ten")
