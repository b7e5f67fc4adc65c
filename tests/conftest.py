"""A real PostgreSQL for every test that needs one: started once, a fresh tenant per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lessons.identifiers import new_id
from lessons.privacy.sealing import MasterKey
from lessons.store import Database, EmbeddedPostgres, migrate
from tests.keys import MASTER_KEY


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """URL of an embedded server with the newest schema."""
    with _server_folder() as folder:
        server = EmbeddedPostgres(folder)
        url = server.start()
        migrate(url)
        yield url
        server.stop()


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A fresh data folder for a server of the test's own."""
    with _server_folder() as folder:
        yield folder


@contextmanager
def _server_folder() -> Iterator[Path]:
    """Give a folder outside of pytest's own temporary one.

    Under root the server runs as a user of its own, and every pytest that starts takes away that
    user's way into pytest's folder: the server of one that runs already would crash.
    """
    with TemporaryDirectory(prefix="lectern-postgres-") as folder:
        yield Path(folder) / "data"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool of the test's own, since a pool belongs to one event loop."""
    pool = Database(database_url, master_key=MasterKey(MASTER_KEY))
    yield pool
    await pool.dispose()


@pytest.fixture
def tenant_id() -> str:
    """A tenant that no other test uses."""
    return new_id("ten")
