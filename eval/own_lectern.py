"""A Lectern of a benchmark's own: the real `lectern up` on free ports, in its own folder."""

from __future__ import annotations

import os
import random
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

from eval.process_costs import memory_bytes

START_SECONDS = 180.0
STOP_SECONDS = 20.0
READY = "Lectern is ready"
OWN_PORTS = range(20_000, 32_000)
"""Above those of Ray's workers, below those that Linux gives to connections."""
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class OwnLectern:
    """A running Lectern.

    Attributes:
        url: where the gateway answers; the console is at `/`.
        api_key: a key of the default tenant.
        models_url: the endpoint of its models process.
        data_dir: its folder; every process logs to `logs/` in it.
        supervisor: the process of `lectern up`.
        start_seconds: from the command to its ready line.
    """

    url: str
    api_key: str
    models_url: str
    data_dir: Path
    supervisor: psutil.Process
    start_seconds: float

    def client(self) -> httpx.Client:
        """Return an HTTP client that speaks for the tenant."""
        return httpx.Client(base_url=self.url, headers=self.headers, timeout=30.0, trust_env=False)

    @property
    def headers(self) -> dict[str, str]:
        """The tenant's credential."""
        return {"Authorization": f"Bearer {self.api_key}"}

    @property
    def console_url(self) -> str:
        """The address that `lectern up` prints."""
        return f"{self.url}/#key={self.api_key}"

    @property
    def metrics_url(self) -> str:
        """The address of the metrics of all processes, as `lectern up` prints it."""
        printed = (self.data_dir / "up.log").read_text("utf-8", "replace")
        return next(word for word in printed.split() if word.endswith("/metrics"))

    def processes(self, command: str) -> list[psutil.Process]:
        """Return the running processes of one command, such as `ingest`."""
        return [child for child in self.supervisor.children() if command in child.cmdline()]

    def memory_bytes(self) -> int:
        """Memory of all its processes; pages that several share count once (PSS)."""
        return memory_bytes(self.supervisor)


def free_port() -> int:
    """Return a port that is free.

    Lectern listens on it only after seconds, so it is none of those that the kernel gives away: it
    would be somebody's connection by then.
    """
    for port in random.sample(OWN_PORTS, len(OWN_PORTS)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise RuntimeError(f"All ports of {OWN_PORTS} are taken.")


@contextmanager
def own_lectern(data_dir: Path, **settings: str) -> Iterator[OwnLectern]:
    """Run `lectern up` for the time of the context; `settings` are LECTERN_* without the prefix.

    Raises:
        RuntimeError: it did not get ready; carries what it printed.
    """
    port, models_url = free_port(), f"http://127.0.0.1:{free_port()}"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LECTERN_")
    }
    given = {
        "data_dir": str(data_dir),
        "port": str(port),
        "models_url": models_url,
        "metrics_port": "0",
    } | settings
    environment |= {f"LECTERN_{name.upper()}": value for name, value in given.items()}
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "up.log"
    started = time.monotonic()
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
        yield OwnLectern(
            f"http://127.0.0.1:{port}",
            api_key,
            models_url,
            data_dir,
            psutil.Process(process.pid),
            time.monotonic() - started,
        )
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while READY not in (text := log.read_text("utf-8", "replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"lectern up did not get ready:\n{text[-4000:]}")
        time.sleep(0.2)


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
