"""`lectern up`: everything on one machine, from an empty folder to the address of the console."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import ExitStack

import httpx
from rich.console import Console

from lessons.errors import LecternError
from lessons.store import EmbeddedPostgres, migrate
from serving.captioning.loaded_models import LoadedModels
from serving.jobs.queue import migrate_jobs
from serving.machine.child_process import ChildCommand, ChildProcess
from serving.machine.installation import only_one, prepare, require_free_ports
from serving.machine.startup_progress import StartupProgress
from serving.machine.supervisor import (
    DATABASE_STAGE,
    MODELS_STAGE,
    WORKERS_STAGE,
    Child,
    ReadyCheck,
    Supervisor,
)
from serving.observability.merging import showing_all_metrics
from serving.settings import ANY_ADDRESS, ENVIRONMENT_PREFIX, Settings

MODELS_START_SECONDS = 900.0
"""A first start may fetch a caption model."""

HTTP_SECONDS = 2.0

SAME_SIGNAL_SECONDS = 1.0
"""One Ctrl-C may arrive twice: from the terminal, and passed on by make."""


async def run_up(settings: Settings, console: Console) -> None:
    """Start everything, say where the console is, and keep it running until SIGINT or SIGTERM.

    Raises:
        Conflict: the data folder or a port is in use.
        Unavailable: a process cannot start; the reason carries the tail of its log.
    """
    with only_one(settings.data_dir), StartupProgress(console) as progress:
        require_free_ports(settings)
        installation = Installation(settings, progress)
        try:
            await _until_signal(installation)
        except* LecternError as group:
            raise _first(group) from None


class Installation:
    """The processes of one machine.

    Args:
        settings: what to run, and where.
        progress: where the user is told what happens.
    """

    def __init__(self, settings: Settings, progress: StartupProgress) -> None:
        self._settings = settings
        self._progress = progress
        self._supervisor = Supervisor(progress)
        self._metrics = ExitStack()
        self._metrics_url = ""
        self._http = httpx.AsyncClient(timeout=HTTP_SECONDS, trust_env=False)
        self._gateway_url = (
            f"http://{ANY_ADDRESS.get(settings.host, settings.host)}:{settings.port}"
        )

    async def run(self) -> None:
        """Start, tell, watch; stop everything at the end, whatever ended it."""
        try:
            async with asyncio.TaskGroup() as group:
                # The models take longest and need no database, so both start at once.
                group.create_task(self._supervisor.start(self._models()))
                starting = group.create_task(self._start_on_database())
            self._metrics_url = self._metrics.enter_context(
                showing_all_metrics(self._settings, self._supervisor.observed)
            )
            await self._tell_ready(starting.result())
            await self._supervisor.watch()
        finally:
            self._progress.say("Stopping ...")
            await self._stop()
            self._progress.say("Stopped.")

    def kill(self) -> None:
        """Kill every process at once; PostgreSQL, which would lose nothing, is asked to stop."""
        self._supervisor.kill()

    async def _start_on_database(self) -> str:
        """Start all that needs the database; return an API key for the console."""
        url = self._settings.database_url
        if url is None:
            async with self._progress.step("starting the embedded PostgreSQL"):
                url = await asyncio.to_thread(EmbeddedPostgres(self._settings.postgres_dir).start)
        async with self._progress.step("bringing the database up to date"):
            await asyncio.to_thread(migrate, url)
            await asyncio.to_thread(migrate_jobs, url)
            key = await prepare(self._settings, url)
        await self._supervisor.start(*self._children(url, key))
        return key

    async def _stop(self) -> None:
        await self._http.aclose()
        await asyncio.gather(
            self._supervisor.stop(WORKERS_STAGE), asyncio.to_thread(self._metrics.close)
        )
        await asyncio.gather(self._supervisor.stop(MODELS_STAGE), self._stop_database())

    async def _stop_database(self) -> None:
        await self._supervisor.stop(DATABASE_STAGE)
        if self._settings.database_url is None:
            await asyncio.to_thread(EmbeddedPostgres(self._settings.postgres_dir).stop)

    async def _tell_ready(self, key: str) -> None:
        captions = (await self._loaded()).captions
        self._progress.say(f"Metrics of all processes: {self._metrics_url}")
        console_url = f"{self._settings.public_url}/#key={key}"
        self._progress.say(f"Lectern is ready: {console_url} ({captions.describe()})")

    async def _loaded(self) -> LoadedModels:
        response = await self._http.get(f"{self._settings.models_url}/models")
        return LoadedModels.model_validate_json(response.raise_for_status().content)

    async def _models_ready(self) -> bool:
        try:
            return (await self._loaded()).captions.is_ready()
        except httpx.HTTPError:
            return False

    def _models(self) -> Child:
        return Child(
            self._process("models", ("models",)),
            "starting Ray and the caption model",
            self._models_ready,
            start_seconds=MODELS_START_SECONDS,
            stop_stage=MODELS_STAGE,
        )

    def _children(self, database_url: str, key: str) -> list[Child]:
        workers = self._settings.ingest_worker_count
        registered = self._workers_registered(workers, key)
        children = [
            self._child(
                "gateway", "gateway", database_url, self._answers(self._gateway_url + "/health")
            ),
            self._child("jobs", "jobs", database_url, _at_once),
            self._child("engagement", "engagement", database_url, _at_once),
            *(
                self._child(f"ingest-{number}", "ingest", database_url, registered)
                for number in range(1, workers + 1)
            ),
        ]
        if self._settings.database_url is None:
            keeper = self._process("postgres", ("postgres",))
            children.append(
                Child(keeper, "keeping PostgreSQL", _at_once, stop_stage=DATABASE_STAGE)
            )
        return children

    def _child(self, name: str, command: str, database_url: str, ready: ReadyCheck) -> Child:
        process = self._process(
            name, (command,), {ENVIRONMENT_PREFIX + "DATABASE_URL": database_url}
        )
        return Child(process, f"starting {name}", ready)

    def _process(
        self, name: str, arguments: tuple[str, ...], more: dict[str, str] | None = None
    ) -> ChildProcess:
        # The port in the settings is the supervisor's own; each child takes any that is free.
        own_port = {ENVIRONMENT_PREFIX + "METRICS_PORT": "0"}
        environment = self._settings.environment() | own_port | (more or {})
        command = ChildCommand(name, (sys.executable, "-m", "lectern", *arguments), environment)
        return ChildProcess(command, self._settings.data_dir / "logs" / f"{name}.log")

    def _answers(self, url: str) -> ReadyCheck:
        async def check() -> bool:
            try:
                return (await self._http.get(url)).is_success
            except httpx.HTTPError:
                return False

        return check

    def _workers_registered(self, expected: int, key: str) -> ReadyCheck:
        async def check() -> bool:
            try:
                response = await self._http.get(
                    f"{self._gateway_url}/v1/workers", headers={"Authorization": f"Bearer {key}"}
                )
            except httpx.HTTPError:
                return False
            return response.is_success and len(response.json()["workers"]) >= expected

        return check


async def _at_once() -> bool:
    return True


async def _until_signal(installation: Installation) -> None:
    """Run the installation; the first SIGINT or SIGTERM stops it, the second one kills it."""
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(installation.run())
    told_at: float | None = None

    def stop() -> None:
        nonlocal told_at
        if told_at is None:
            told_at = loop.time()
            work.cancel()
        elif loop.time() - told_at > SAME_SIGNAL_SECONDS:
            installation.kill()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        await work
    except asyncio.CancelledError:
        if told_at is None:
            raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _first(group: BaseExceptionGroup[LecternError]) -> LecternError:
    """Return the first error of a group; the others mostly follow from it."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
