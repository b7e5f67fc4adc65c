"""A gateway in a thread of its own, for clients that are not asynchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serving.gateway import create_app
from serving.jobs.queue import migrate_jobs
from serving.settings import Settings
from serving.web.services import Services, open_services
from tests.keys import MASTER_KEY
from tests.unit.serving.serving_app import serve

NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


@dataclass(slots=True)
class GatewayThread:
    """A running gateway.

    Attributes:
        url: where it answers.
        services: what it works with; only its own loop may use them, see `call`.
    """

    url: str
    services: Services
    loop: asyncio.AbstractEventLoop = field(repr=False)

    def call(self, coroutine: Any) -> Any:
        """Run a coroutine on the gateway's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)


@contextmanager
def gateway_thread(database_url: str, data_dir: Path, **overrides: Any) -> Iterator[GatewayThread]:
    """Serve a gateway on a free port for the time of the context; `overrides` are settings."""
    migrate_jobs(database_url)
    settings = Settings(
        data_dir=data_dir,
        token_secret="a secret of the tests, long enough to sign with",
        master_key=MASTER_KEY,
        models_url=NOBODY,
        recording_max_bytes=1_000_000,
        **overrides,
    )
    started: list[GatewayThread] = []
    ready, finished = threading.Event(), threading.Event()

    async def run() -> None:
        async with (
            open_services(settings, database_url) as services,
            serve(create_app(services)) as url,
        ):
            started.append(GatewayThread(url, services, asyncio.get_running_loop()))
            ready.set()
            await asyncio.to_thread(finished.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="gateway")
    thread.start()
    try:
        assert ready.wait(30)
        yield started[0]
    finally:
        finished.set()
        thread.join(30)
