"""The queue of work that outlives a request, in PostgreSQL: where the gateway leaves it.

The other end, which does the work, is `serving.jobs.process`; only it loads the media libraries.
"""

from __future__ import annotations

from typing import Self

import procrastinate
import psycopg
from procrastinate.schema import SchemaManager

from lessons.errors import Unavailable
from lessons.store.database import driver_url

PROCESS_RECORDING = "lectern:process_recording"
PLAY_SAMPLE = "lectern:play_sample"
MAKE_LEARNING_RECORD = "lectern:make_learning_record"

_SCHEMA_LOCK = 0x1EC7E3
"""Key of the advisory lock that keeps two processes from making the job tables at once."""


def job_app(database_url: str) -> procrastinate.App:
    """Return the job application on one database: not yet open, and without its tasks."""
    connector = procrastinate.PsycopgConnector(
        conninfo=driver_url(database_url), min_size=1, max_size=4
    )
    return procrastinate.App(connector=connector)


def migrate_jobs(database_url: str) -> None:
    """Make the job tables if they are not there; safe to repeat and to run in parallel.

    Raises:
        Unavailable: the database cannot be reached.
    """
    try:
        with psycopg.connect(driver_url(database_url)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])
            found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
            if found == (None,):
                connection.execute(SchemaManager.get_schema())
    except psycopg.OperationalError as error:
        raise Unavailable(f"The job tables cannot be made: {error}") from error


class JobQueue:
    """Where the gateway leaves work for the jobs process. Open it with `async with`.

    Args:
        database_url: `postgresql://...`; `migrate_jobs` must have run on it.
    """

    def __init__(self, database_url: str) -> None:
        self._app = job_app(database_url)

    async def __aenter__(self) -> Self:
        await self._app.open_async()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._app.close_async()

    async def enqueue_recording(self, tenant_id: str, lesson_id: str, recording_id: str) -> int:
        """Queue a recording; its files must lie where the jobs process can read them.

        Returns:
            The job's number.

        Raises:
            Unavailable: the database does not answer.
        """
        return await self._defer(
            PROCESS_RECORDING,
            lock=recording_id,
            tenant_id=tenant_id,
            lesson_id=lesson_id,
            recording_id=recording_id,
        )

    async def enqueue_sample_playback(self, tenant_id: str, lesson_id: str) -> int:
        """Queue the playing of a sample lesson; a lesson plays once, however often it is asked for.

        Returns:
            The job's number.

        Raises:
            Unavailable: the database does not answer.
        """
        return await self._defer(
            PLAY_SAMPLE, lock=lesson_id, tenant_id=tenant_id, lesson_id=lesson_id
        )

    async def enqueue_learning_record(self, tenant_id: str) -> int:
        """Queue the making anew of a tenant's learner records, where objectives have changed.

        Returns:
            The job's number.

        Raises:
            Unavailable: the database does not answer.
        """
        return await self._defer(
            MAKE_LEARNING_RECORD, lock=f"learning_record:{tenant_id}", tenant_id=tenant_id
        )

    async def _defer(self, task: str, *, lock: str, **arguments: str) -> int:
        try:
            job = self._app.configure_task(task, allow_unknown=True, lock=lock)
            return await job.defer_async(**arguments)
        except procrastinate.exceptions.ConnectorException as error:
            raise Unavailable(
                f"The job cannot be queued: {error}", retry_after_seconds=2
            ) from error
