"""`lectern models` as its users run it: a process, an endpoint, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import psutil

from eval.own_lectern import free_port

ROOT = Path(__file__).resolve().parents[3]
Found = TypeVar("Found")

READY_SECONDS = 90.0
POLL_SECONDS = 0.1


class ModelsCommand:
    """A running `lectern models`.

    Args:
        process: the process.
        url: its endpoint.
        log: where its output goes.
    """

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log

    def wait_until_ready(self) -> dict[str, object]:
        """Wait for the caption model; return what GET /models says of it."""

        def ready() -> dict[str, object] | None:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            captions = self.captions()
            return captions if captions and captions["state"] == "ready" else None

        return eventually(ready, READY_SECONDS)

    def captions(self) -> dict[str, object] | None:
        """Return what GET /models says of the captions; None while nobody listens."""
        return self.told("captions")

    def told(self, section: str) -> dict[str, object] | None:
        """Return a section of what GET /models says; None while nobody listens."""
        try:
            body = httpx.get(f"{self.url}/models", timeout=5, trust_env=False).json()
        except httpx.TransportError:
            return None
        return dict(body[section])

    def descendants(self) -> list[psutil.Process]:
        """Return every process that it has started, and that those have."""
        return list(psutil.Process(self.process.pid).children(recursive=True))


@contextmanager
def models_command(data_dir: Path, **settings: str) -> Iterator[ModelsCommand]:
    """Run `lectern models`; kill it at the end if it still runs."""
    url = f"http://127.0.0.1:{free_port()}"
    environment = os.environ | {
        "LECTERN_DATA_DIR": str(data_dir),
        "LECTERN_MODELS_URL": url,
        "LECTERN_CAPTION_ENGINE": "pocketsphinx",
        **settings,
    }
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "models.log"
    command = [sys.executable, "-m", "lectern", "models"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield ModelsCommand(process, url, log)
    finally:
        process.kill()
        process.wait()


def eventually(probe: Callable[[], Found | None], seconds: float) -> Found:
    """Return the first thing that the probe finds; fail after so many seconds."""
    give_up = time.monotonic() + seconds
    while (found := probe()) is None:
        assert time.monotonic() < give_up, f"nothing within {seconds:.0f} s"
        time.sleep(POLL_SECONDS)
    return found


def survivors(processes: list[psutil.Process]) -> list[str]:
    """Return those of the processes that still run; a zombie waits for init only."""
    running = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                running.append(f"{process.pid} {process.name()}")
        except psutil.NoSuchProcess:
            continue
    return running
