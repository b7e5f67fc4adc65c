"""A PostgreSQL of a benchmark's own: embedded, durable, with the newest schema, gone afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lessons.privacy.sealing import MasterKey
from lessons.store import Database, EmbeddedPostgres, migrate


@dataclass(frozen=True, slots=True)
class OwnPostgres:
    """A running server.

    Attributes:
        url: of its superuser.
        folder: where its data lies.
        secret: of which the master key is made, for other processes.
    """

    url: str
    folder: Path
    secret: str

    @property
    def master_key(self) -> MasterKey:
        """What wraps the keys of persons in it."""
        return MasterKey(self.secret)

    def database(self, pool_size: int) -> Database:
        """Return a pool of the application's role, opened for the running event loop."""
        return Database(self.url, pool_size=pool_size, master_key=self.master_key)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """Run a server for the time of the context."""
    with TemporaryDirectory(prefix="lectern-postgres-") as folder:
        data = Path(folder) / "data"
        server = EmbeddedPostgres(data)
        url = server.start()
        try:
            migrate(url)
            yield OwnPostgres(url, data, secrets.token_urlsafe(48))
        finally:
            server.stop()
