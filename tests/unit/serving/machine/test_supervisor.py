from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from lessons.errors import Unavailable
from serving.machine.child_process import ChildCommand, ChildProcess
from serving.machine.startup_progress import StartupProgress
from serving.machine.supervisor import MODELS_STAGE, WORKERS_STAGE, Child, Supervisor

REPOSITORY = Path(__file__).parents[4]
OBEDIENT = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)"
)
PARENT = """
import asyncio, sys
from pathlib import Path
from serving.machine.child_process import ChildCommand, ChildProcess
CODE = (
    "import time; from serving.machine.child_process import *; "
    "end_with_supervisor(); time.sleep(60)"
)
async def main():
    child = ChildProcess(ChildCommand("child", (sys.executable, "-c", CODE)), Path(sys.argv[1]))
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


class Stage:
    """A supervisor whose words to the user are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = io.StringIO()
        self.supervisor = Supervisor(StartupProgress(Console(file=self.output, width=200)))

    def child(self, name: str, code: str, **options: float) -> Child:
        process = ChildProcess(
            ChildCommand(name, (sys.executable, "-c", code)), self.folder / f"{name}.log"
        )

        async def says_up() -> bool:
            return "up" in process.log_tail()

        return Child(process, f"starting {name}", says_up, **options)  # type: ignore[arg-type]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def until(condition: object, seconds: float = 10.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def pid_of(child: Child) -> int:
    assert child.process.pid is not None
    return child.process.pid


async def test_children_start_side_by_side_and_stop(stage: Stage) -> None:
    children = [stage.child(name, OBEDIENT) for name in ("one", "two")]
    await stage.supervisor.start(*children)
    assert all(psutil.pid_exists(pid_of(child)) for child in children)
    await stage.supervisor.stop(WORKERS_STAGE)
    assert not any(psutil.pid_exists(pid_of(child)) for child in children)


async def test_a_killed_child_is_started_again_and_the_user_is_told(stage: Stage) -> None:
    child = stage.child("gateway", OBEDIENT)
    await stage.supervisor.start(child)
    watching = asyncio.create_task(stage.supervisor.watch())
    first = pid_of(child)
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_of(child) != first)
    assert "gateway ended with code -9; starting it again in 0.5 s" in stage.output.getvalue()
    watching.cancel()
    await stage.supervisor.stop(WORKERS_STAGE)
    assert not psutil.pid_exists(pid_of(child))


async def test_a_child_that_cannot_start_shows_the_end_of_its_log(stage: Stage) -> None:
    child = stage.child("gateway", "raise SystemExit('error: port 80 is taken')")
    with pytest.raises(ExceptionGroup) as group:
        await stage.supervisor.start(child)
    (error,) = group.value.exceptions
    assert isinstance(error, Unavailable)
    assert "gateway ended with code 1" in error.reason
    assert "port 80 is taken" in error.reason
    assert str(child.process.log_path) in (error.fix or "")


async def test_a_child_that_is_never_ready_is_given_up(stage: Stage) -> None:
    child = stage.child("jobs", "import time; time.sleep(60)", start_seconds=0.5)
    with pytest.raises(ExceptionGroup) as group:
        await stage.supervisor.start(child)
    assert "jobs was not ready after" in str(group.value.exceptions[0])
    await stage.supervisor.stop(WORKERS_STAGE)
    assert not psutil.pid_exists(pid_of(child))


async def test_a_child_that_ignores_the_request_is_killed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.machine.supervisor.STOP_SECONDS", (0.3, 0.3, 0.3))
    children = [stage.child("obedient", OBEDIENT), stage.child("stubborn", STUBBORN)]
    await stage.supervisor.start(*children)
    await stage.supervisor.stop(WORKERS_STAGE)
    assert not any(psutil.pid_exists(pid_of(child)) for child in children)


async def test_a_stage_stops_by_itself(stage: Stage) -> None:
    worker = stage.child("gateway", OBEDIENT)
    models = stage.child("models", OBEDIENT, stop_stage=MODELS_STAGE)
    await stage.supervisor.start(worker, models)
    await stage.supervisor.stop(WORKERS_STAGE)
    assert not psutil.pid_exists(pid_of(worker))
    assert psutil.pid_exists(pid_of(models))
    await stage.supervisor.stop(MODELS_STAGE)
    assert not psutil.pid_exists(pid_of(models))


async def test_descendants_end_with_their_child(stage: Stage) -> None:
    code = (
        "import subprocess, time; p = subprocess.Popen(['sleep', '60']);"
        "print('up', p.pid, flush=True); time.sleep(60)"
    )
    child = stage.child("models", code)
    await stage.supervisor.start(child)
    descendant = int(child.process.log_tail().split()[1])
    await stage.supervisor.stop(WORKERS_STAGE)
    await until(lambda: not is_running(descendant))


async def test_a_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", PARENT, str(tmp_path / "log")),
        stdout=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    await asyncio.sleep(0.5)
    assert is_running(child)
    parent.kill()
    await parent.wait()
    await until(lambda: not is_running(child))


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
