"""`lectern up` in the hands of a user: start, one at a time, a crash, Ctrl-C, a hard kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil
import pytest

from tests.end_to_end.stack import ROOT, Stack, run_stack

STOP_SECONDS = 10.0
"""What a user is promised: by then the supervisor is gone, and all that it started."""
ORPHANS_SECONDS = 25.0


def supervisor_of(stack: Stack) -> psutil.Process:
    return psutil.Process(int((stack.data_dir / "up.lock").read_text()))


def processes_of(stack: Stack) -> list[psutil.Process]:
    """The supervisor, everything that it started, and the PostgreSQL of its folder."""
    supervisor = supervisor_of(stack)
    postmaster = psutil.Process(
        int((stack.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    )
    return [supervisor, postmaster, *supervisor.children(recursive=True)]


def wait_for_the_end_of(processes: list[psutil.Process], seconds: float) -> None:
    """Wait until none of them runs; those that do after so many seconds are told by name."""
    deadline = time.monotonic() + seconds
    while (left := still_running(processes)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def still_running(processes: list[psutil.Process]) -> list[str]:
    return [
        process.name()
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def answers(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.url}/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with TemporaryDirectory(prefix="lectern-up-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.mark.timeout(300)
def test_start_crash_and_stop(data_dir: Path) -> None:
    with run_stack(data_dir) as stack:
        assert_ready(stack)
        assert_second_is_refused(stack)
        assert_gateway_comes_back(stack)
        started = processes_of(stack)
        supervisor_of(stack).send_signal(signal.SIGINT)
        wait_for_the_end_of(started, STOP_SECONDS)
    assert "Stopped." in (data_dir / "up.log").read_text()


def assert_ready(stack: Stack) -> None:
    """The last line has the console's address and what is loaded; the sample lesson is there."""
    lines = (stack.data_dir / "up.log").read_text().strip().splitlines()
    assert stack.console_url in lines[-1]
    assert "pocketsphinx" in lines[-1]
    assert "<html" in httpx.get(stack.url).text
    with stack.client() as client:
        (lesson,) = client.get("/v1/lessons").json()["lessons"]
        assert lesson["sample"]
        assert len(client.get("/v1/workers").json()["workers"]) == 1


def assert_second_is_refused(stack: Stack) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "lectern", "up", "--data-dir", str(stack.data_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "already" in second.stderr
    assert "--data-dir" in second.stderr


def assert_gateway_comes_back(stack: Stack) -> None:
    (gateway,) = [
        child for child in supervisor_of(stack).children() if "gateway" in child.cmdline()
    ]
    gateway.kill()
    until(lambda: not answers(stack), 5.0)
    until(lambda: answers(stack), 30.0)
    assert "gateway ended with code -9" in (stack.data_dir / "up.log").read_text()


@pytest.mark.timeout(300)
def test_nothing_is_left_of_a_killed_supervisor(data_dir: Path) -> None:
    with run_stack(data_dir) as stack:
        with stack.client() as client:
            assert len(client.get("/v1/lessons").json()["lessons"]) == 1, "the sample, once"
        started = processes_of(stack)
        os.kill(started[0].pid, signal.SIGKILL)
        os.waitpid(started[0].pid, 0)  # As a shell or init would; a zombie counts as alive.
        wait_for_the_end_of(started, ORPHANS_SECONDS)
