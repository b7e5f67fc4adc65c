from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from lessons.store import EmbeddedPostgres

JOIN_AND_LEAVE = """
import sys
import time
from pathlib import Path
from lessons.store import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start())
server.stop()
"""
JOIN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from lessons.store import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1])).start()
os.kill(os.getpid(), signal.SIGKILL)
"""


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _in_another_process(script: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_processes_share_one_server_and_the_last_one_stops_it(server_folder: Path) -> None:
    deep = server_folder / "deep" / "er"
    server = EmbeddedPostgres(deep)
    url = server.start()
    guest = _in_another_process(JOIN_AND_LEAVE, deep)
    assert guest.stdout.strip() == url, guest.stderr
    assert _answers(url)
    killed = _in_another_process(JOIN_AND_DIE, deep)
    assert killed.returncode == -signal.SIGKILL
    server.stop()
    assert not _answers(url)
    server.stop()


def test_data_outlives_a_killed_server_whose_pid_went_to_another_process(
    server_folder: Path,
) -> None:
    server = EmbeddedPostgres(server_folder)
    with psycopg.connect(server.start()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid_file = server_folder / "postmaster.pid"
    first_line, *rest = pid_file.read_text().splitlines()
    postmaster = psutil.Process(int(first_line))
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    pid_file.write_text("\n".join([str(os.getpid()), *rest]) + "\n")
    with psycopg.connect(server.start()) as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
    server.stop()
    assert row == (42,)


@pytest.mark.parametrize("name", ["data", "a-folder-name-so-long-" * 6])
def test_a_restart_keeps_the_address(server_folder: Path, name: str) -> None:
    server = EmbeddedPostgres(server_folder / name)
    first = server.start()
    server.stop()
    assert server.start() == first
    server.stop()


def test_a_killed_server_that_nobody_buried_is_started_again(
    server_folder: Path, tmp_path: Path
) -> None:
    """Where nobody reaps the killed postmaster, its pid still looks like a running server."""
    server = EmbeddedPostgres(server_folder)
    server.start()
    pid_file = server_folder / "postmaster.pid"
    first_line, *rest = pid_file.read_text().splitlines()
    postmaster = psutil.Process(int(first_line))
    family = [postmaster, *postmaster.children(recursive=True)]
    for process in family:
        os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    namesake = Path(shutil.copy(shutil.which("sleep") or "", tmp_path / "postgres"))
    with subprocess.Popen([namesake, "60"]) as zombie:
        zombie.kill()
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        assert psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE
        pid_file.write_text("\n".join([str(zombie.pid), *rest]) + "\n")
        started = time.monotonic()
        assert _answers(server.start())
        assert time.monotonic() - started < 30
    server.stop()
