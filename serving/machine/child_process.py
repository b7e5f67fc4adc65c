"""One process that the supervisor runs, and how such a process notices that it lost its supervisor.

A child is a session of its own, so that Ctrl-C in the terminal reaches only the supervisor. Its
standard input is a pipe that the supervisor holds open and never writes to: end of file means that
the supervisor is gone, however it went.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SUPERVISED = "LECTERN_SUPERVISED"
"""Environment variable that tells a child that its standard input is the supervisor's pipe, and by
its value the child's name."""

ORPHAN_SECONDS = 10.0
"""How long a child that lost its supervisor may take to end by itself."""

LOG_TAIL_LINES = 15
LOG_TAIL_BYTES = 8192


@dataclass(frozen=True, slots=True)
class ChildCommand:
    """What a child runs.

    Attributes:
        name: how the child is called to the user, and its log file.
        argv: program and arguments.
        environment: variables on top of the supervisor's own.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class ChildProcess:
    """A running program whose output goes to a log file.

    Args:
        command: what to run.
        log_path: where its output is appended.
    """

    def __init__(self, command: ChildCommand, log_path: Path) -> None:
        self.command = command
        self.log_path = log_path
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the latest start, or None before it."""
        return self._process.pid if self._process else None

    @property
    def returncode(self) -> int | None:
        """How the child ended, or None while it runs."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start the process, or start it again after it ended."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **self.command.environment, SUPERVISED: self.command.name},
                start_new_session=True,
            )

    async def wait(self) -> int:
        """Wait until the process ends; clear away whatever it leaves behind; return its code."""
        if self._process is None:
            raise RuntimeError(f"{self.command.name} was never started")
        code = await self._process.wait()
        self._signal_group(signal.SIGKILL)
        return code

    async def stop(self, patience_seconds: float) -> None:
        """Ask the process to end; kill it and its descendants when it does not in time."""
        if self._process is None:
            return
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), patience_seconds)
        self._signal_group(signal.SIGKILL)
        await self._process.wait()

    def kill(self) -> None:
        """Kill the process and its descendants at once."""
        self._signal_group(signal.SIGKILL)

    def log_tail(self) -> str:
        """Return the last lines that the process wrote."""
        if not self.log_path.exists():
            return ""
        with self.log_path.open("rb") as log:
            log.seek(max(0, self.log_path.stat().st_size - LOG_TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").strip().splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def name_by_supervisor() -> str | None:
    """Return how the supervisor calls this process, None in one that is not supervised."""
    return os.environ.get(SUPERVISED)


def end_with_supervisor(linger_seconds: float = 0.0) -> None:
    """In a supervised process: end when the supervisor is gone. Does nothing in any other.

    Args:
        linger_seconds: how long to go on all the same, for the sake of the other children.
    """
    if os.environ.pop(SUPERVISED, None) is not None:
        threading.Thread(
            target=_wait_for_end_of_input,
            args=(linger_seconds,),
            name="supervisor-watch",
            daemon=True,
        ).start()


def _wait_for_end_of_input(linger_seconds: float) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    time.sleep(linger_seconds)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_SECONDS)
    os.killpg(os.getpgrp(), signal.SIGKILL)
