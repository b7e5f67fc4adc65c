"""Workers on one queue each, so that what waits there holds up nothing else; and their upkeep."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import procrastinate

from serving.observability.jobs_metrics import JobsMetrics

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""How late a retry may be, unless somebody else sets it."""

STOP_SECONDS = 1.5
"""How long running jobs may go on after a request to stop."""

STALLED_AFTER_SECONDS = 30.0
"""A worker this long without a heartbeat is dead; what it had in hand is taken up again."""

QUEUE_COUNT_SECONDS = 15.0
"""How often the queue is counted for the metrics."""


@asynccontextmanager
async def working_on(
    app: procrastinate.App, queue: str, *, concurrency: int, poll_seconds: float = POLL_SECONDS
) -> AsyncIterator[None]:
    """Work on a queue while the block runs.

    Args:
        concurrency: jobs in hand at the same time.
        poll_seconds: how often to look for a job without having heard of one.
    """
    worker = asyncio.create_task(
        app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=concurrency,
            fetch_job_polling_interval=poll_seconds,
            shutdown_graceful_timeout=STOP_SECONDS,
            delete_jobs="successful",
            stalled_worker_timeout=STALLED_AFTER_SECONDS,
            install_signal_handlers=False,
        ),
        name=f"{queue}-worker",
    )
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


@asynccontextmanager
async def looking_after(app: procrastinate.App, metrics: JobsMetrics) -> AsyncIterator[None]:
    """Hand the jobs of killed workers back, and count what is queued, while the block runs."""

    async def take_up() -> None:
        for job in await app.job_manager.get_stalled_jobs(
            seconds_since_heartbeat=STALLED_AFTER_SECONDS
        ):
            await take_up_again(app, job)

    async def count() -> None:
        metrics.queue_is(await app.job_manager.list_tasks_async())

    watching = [
        asyncio.create_task(_now_and_then(STALLED_AFTER_SECONDS, take_up)),
        asyncio.create_task(_now_and_then(QUEUE_COUNT_SECONDS, count)),
    ]
    try:
        yield
    finally:
        for task in watching:
            task.cancel()


async def take_up_again(app: procrastinate.App, job: procrastinate.jobs.Job) -> None:
    """Hand a job back to the queue; where the same one waits there already, drop this one."""
    logger.warning("job %s lost its worker; taking it up again", job.id)
    try:
        await app.job_manager.retry_job(job)
    except procrastinate.exceptions.UniqueViolation:
        await app.job_manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=True)


async def _now_and_then(every_seconds: float, look: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await look()
        except procrastinate.exceptions.ConnectorException as error:
            logger.warning("the queue cannot be looked after: %s", error)
        await asyncio.sleep(every_seconds)
