"""A whole Lectern for a test: the real `lectern up`, on free ports and in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180.0
STOP_SECONDS = 20.0
READY = "Lectern is ready"


@dataclass(frozen=True, slots=True)
class Stack:
    """A running Lectern.

    Attributes:
        url: where the gateway answers; the console is at `/`.
        api_key: a key of the default tenant.
        data_dir: its folder; every process logs to `logs/` in it.
        pid: process id of the supervisor.
    """

    url: str
    api_key: str
    data_dir: Path
    pid: int

    def client(self) -> httpx.Client:
        """Return an HTTP client that speaks for the tenant."""
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30.0, trust_env=False)

    def processes(self, command: str) -> list[psutil.Process]:
        """Return the running processes of one command, such as `ingest`."""
        children = psutil.Process(self.pid).children()
        return [child for child in children if command in child.cmdline()]

    @property
    def console_url(self) -> str:
        """The address that `lectern up` prints."""
        return f"{self.url}/#key={self.api_key}"


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def run_stack(data_dir: Path, **settings: str) -> Iterator[Stack]:
    """Run `lectern up` for the time of the context; `settings` are LECTERN_* without the prefix."""
    port = free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LECTERN_")
    }
    given = {
        "data_dir": str(data_dir),
        "port": str(port),
        "models_url": f"http://127.0.0.1:{free_port()}",
        "ingest_workers": "1",
        # A developer's machine may have a Whisper model; the tests take the engine that all have.
        "caption_engine": "pocketsphinx",
    } | settings
    environment |= {f"LECTERN_{name.upper()}": value for name, value in given.items()}
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "lectern", "up"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, log)
        api_key = (data_dir / "api_key").read_text("ascii").strip()
        yield Stack(f"http://127.0.0.1:{port}", api_key, data_dir, process.pid)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while READY not in (text := log.read_text("utf-8", "replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"lectern up did not get ready:\n{text[-4000:]}")
        time.sleep(0.2)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One running Lectern for all tests that want one."""
    with run_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running
