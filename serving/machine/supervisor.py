"""`lectern up`: starts every process on this machine, watches them, and stops them all again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lessons.errors import Unavailable
from serving.machine.child_process import ChildProcess
from serving.machine.startup_progress import StartupProgress

READY_POLL_SECONDS = 0.2
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0
SETTLED_SECONDS = 60.0
"""A child that ran this long has recovered: its next end is restarted without delay."""

WORKERS_STAGE, MODELS_STAGE, DATABASE_STAGE = range(3)
STOP_SECONDS = (5.5, 2.5, 1.5)
"""Patience with the children of each stage. The workers stop first, for the other two serve them;
these stop side by side, so that all is over within the ten seconds that a user is promised."""

ReadyCheck = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Child:
    """A child and what the supervisor must know of it.

    Attributes:
        process: the process.
        description: what is happening while it starts, for the user.
        ready: tells whether it does its work.
        start_seconds: how long it may take to get ready.
        stop_stage: with which others it stops.
    """

    process: ChildProcess
    description: str
    ready: ReadyCheck
    start_seconds: float = 60.0
    stop_stage: int = WORKERS_STAGE


class Supervisor:
    """Runs a set of children.

    Args:
        progress: where the user is told what happens.
    """

    def __init__(self, progress: StartupProgress) -> None:
        self._progress = progress
        self._children: list[Child] = []
        self._watching: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def observed(self) -> tuple[str, ...]:
        """The names of the started children that show metrics: all but PostgreSQL's keeper."""
        return tuple(
            child.process.command.name
            for child in self._children
            if child.stop_stage != DATABASE_STAGE
        )

    async def start(self, *children: Child) -> None:
        """Start children side by side, and wait until all are ready.

        Raises:
            Unavailable: one ended or did not get ready; the reason carries the tail of its log.
        """
        async with asyncio.TaskGroup() as group:
            for child in children:
                group.create_task(self._start_one(child))

    async def watch(self) -> None:
        """Start again every child that ends, forever."""
        async with asyncio.TaskGroup() as group:
            for child in self._children:
                group.create_task(self._keep_running(child))

    async def stop(self, stage: int) -> None:
        """Stop the children of one stage, those that were started."""
        due = [child.process for child in self._children if child.stop_stage == stage]
        await asyncio.gather(*(process.stop(STOP_SECONDS[stage]) for process in due))

    def kill(self) -> None:
        """Kill every child at once."""
        for child in self._children:
            child.process.kill()

    async def _start_one(self, child: Child) -> None:
        async with self._progress.step(child.description):
            await child.process.start()
            self._children.append(child)
            deadline = time.monotonic() + child.start_seconds
            while not await child.ready():
                if child.process.returncode is not None:
                    raise _failed(child, f"ended with code {child.process.returncode}")
                if time.monotonic() > deadline:
                    raise _failed(child, f"was not ready after {child.start_seconds:.0f} s")
                await asyncio.sleep(READY_POLL_SECONDS)

    async def _keep_running(self, child: Child) -> None:
        backoff_seconds = FIRST_BACKOFF_SECONDS
        while True:
            started = time.monotonic()
            code = await child.process.wait()
            if time.monotonic() - started > SETTLED_SECONDS:
                backoff_seconds = FIRST_BACKOFF_SECONDS
            self._progress.say(
                f"{child.process.command.name} ended with code {code}; "
                f"starting it again in {backoff_seconds:g} s (see {child.process.log_path})"
            )
            await asyncio.sleep(backoff_seconds)
            backoff_seconds = min(2 * backoff_seconds, LONGEST_BACKOFF_SECONDS)
            await child.process.start()


def _failed(child: Child, what: str) -> Unavailable:
    process = child.process
    return Unavailable(
        f"{process.command.name} {what}. The end of its log says:\n{process.log_tail()}\n",
        fix=f"The whole log is {process.log_path}.",
    )
