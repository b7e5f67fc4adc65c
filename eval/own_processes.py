"""The processes of a Lectern one by one, each to be killed and started again at once.

`lectern up` waits longer after every crash, as it should; here each process is run by its own
command, as a container platform runs it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from eval.own_lectern import ROOT, free_port

START_SECONDS = 180.0
STOP_SECONDS = 10.0
ALL = ("models", "gateway", "ingest", "jobs", "engagement")


class OwnProcess:
    """One command of Lectern, running until it is stopped.

    Args:
        command: such as `gateway`.
        environment: the variables of the process.
        log: where its output is appended.
    """

    def __init__(self, command: str, environment: dict[str, str], log: Path) -> None:
        self.command = command
        self._environment = environment
        self._log = log
        self._process = self._start()

    @property
    def pid(self) -> int:
        """Process id of the latest start."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is gone without having been asked."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """Kill it with signal 9, and start it again at once."""
        self._process.kill()
        self._process.wait()
        self._process = self._start()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def output(self) -> str:
        """What it wrote so far."""
        return self._log.read_text("utf-8", "replace")

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "lectern", self.command],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@dataclass(frozen=True, slots=True)
class OwnProcesses:
    """A running Lectern of separate processes.

    Attributes:
        url: where the gateway answers.
        api_key: a key of the default tenant.
        data_dir: its folder.
        running: the processes by their commands; `postgres` keeps the server up.
    """

    url: str
    api_key: str
    data_dir: Path
    running: dict[str, OwnProcess]

    @property
    def headers(self) -> dict[str, str]:
        """The tenant's credential."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def kill_postgres(self) -> None:
        """Kill the server itself with signal 9; what keeps it up will notice."""
        with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            pid_file = self.data_dir / "postgres" / "postmaster.pid"
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)


@contextmanager
def own_processes(
    data_dir: Path, commands: Sequence[str] = ALL, **settings: str
) -> Iterator[OwnProcesses]:
    """Run PostgreSQL and these processes for the time of the context.

    Args:
        commands: what to run, each once.
        settings: LECTERN_* without the prefix.

    Raises:
        RuntimeError: one of them did not get ready.
    """
    port = free_port()
    given = {
        "data_dir": str(data_dir),
        "port": str(port),
        "models_url": f"http://127.0.0.1:{free_port()}",
    } | settings
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("LECTERN_")
    } | {f"LECTERN_{name.upper()}": value for name, value in given.items()}
    logs = data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    running: dict[str, OwnProcess] = {}

    def start(*commands: str) -> None:
        for command in commands:
            running[command] = OwnProcess(command, environment, logs / f"{command}.log")

    try:
        start("postgres", *(command for command in commands if command == "models"))
        _wait_until(lambda: "postgresql://" in running["postgres"].output(), running["postgres"])
        environment["LECTERN_DATABASE_URL"] = next(
            line for line in running["postgres"].output().splitlines() if "postgresql://" in line
        )
        _run(("migrate",), environment)
        api_key = _run(("key", "create", "benchmark"), environment).split()[0]
        start(*(command for command in commands if command != "models"))
        url = f"http://127.0.0.1:{port}"
        _wait_until(lambda: _answers(f"{url}/health"), running["gateway"])
        if "models" in running:
            _wait_until(lambda: _answers(f"{given['models_url']}/models"), running["models"])
        yield OwnProcesses(url, api_key, data_dir, running)
    finally:
        for process in reversed(running.values()):
            process.stop()


def _run(command: tuple[str, ...], environment: dict[str, str]) -> str:
    argv = [sys.executable, "-m", "lectern", *command]
    done = subprocess.run(
        argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"lectern {' '.join(command)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _wait_until(happened: Callable[[], bool], process: OwnProcess) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not happened():
        if process.has_ended or time.monotonic() > deadline:
            raise RuntimeError(f"{process.command} did not get ready:\n{process.output()[-4000:]}")
        time.sleep(0.2)
