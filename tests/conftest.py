"""A real PostgreSQL for every test that needs one: started once, a fresh tenant per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import pytest
from httpx._transports import default
from hypothesis import settings
from sqlalchemy import make_url

from lessons.identifiers import new_id
from lessons.privacy.sealing import MasterKey
from lessons.store import Database, EmbeddedPostgres, migrate
from tests.keys import MASTER_KEY
from tests.scheduling import pytest_collection_modifyitems, pytest_runtest_setup

__all__ = ["pytest_collection_modifyitems", "pytest_runtest_setup"]

UNTOUCHED = "lectern_untouched"
"""A database with the newest schema and nothing in it, to make others from."""


def pytest_configure() -> None:
    """Let no test that makes its own examples fail because the machine is slow."""
    settings.register_profile("patient", parent=settings(), deadline=None)
    settings.load_profile("patient")


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """URL of an embedded server with the newest schema."""
    with _server_folder() as folder:
        server = EmbeddedPostgres(folder)
        url = server.start()
        with psycopg.connect(url, autocommit=True) as owner:
            _leave_the_disk_alone(owner)
            migrate(url)
            owner.execute(f"CREATE DATABASE {UNTOUCHED} TEMPLATE {owner.info.dbname}")
        yield url
        server.stop()


@pytest.fixture
async def lone_database(database_url: str) -> AsyncIterator[Database]:
    """A database of the test's own: for what visits every tenant, which are many in the other."""
    name = new_id("lone")
    url = make_url(database_url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name} TEMPLATE {UNTOUCHED}")
        pool = Database(url, master_key=MasterKey(MASTER_KEY))
        yield pool
        await pool.dispose()
        # A connection that a test cut off in the middle may outlive its pool for a while.
        owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _leave_the_disk_alone(owner: psycopg.Connection) -> None:
    """Let a server wait for no disk: its data need not outlive a failure of this machine's power.

    A killed server loses nothing by it, and those that tests kill are their own anyway.
    """
    for setting in ("fsync", "full_page_writes"):
        owner.execute(f"ALTER SYSTEM SET {setting} = off")
    owner.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Let every HTTP client have the same certificate authorities.

    Each reads them anew otherwise, for 20 ms, and there are several in most tests of a gateway.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, "create_ssl_context", cache(httpx.create_ssl_context))
        yield


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
