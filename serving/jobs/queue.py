"""The queue of work that outlives a request, in PostgreSQL: where the gateway leaves it.

The other end, which does the work, is `serving.jobs.process`; only it loads the media libraries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import procrastinate
import psycopg
from procrastinate.schema import SchemaManager

from lessons.errors import Unavailable
from lessons.store.database import driver_url

PROCESS_RECORDING = "lectern:process_recording"
PLAY_SAMPLE = "lectern:play_sample"
MAKE_LEARNING_RECORD = "lectern:make_learning_record"
DELIVER_WEBHOOK = "lectern:deliver_webhook"
RELAY_WEBHOOKS = "lectern:relay_webhooks"
TELL_OF_DISABLED_WEBHOOK = "lectern:tell_of_disabled_webhook"
SEND_TO_ZOOM = "lectern:send_to_zoom"
TRANSLATE_CAPTIONS = "lectern:translate_captions"
SEE_TO_RECAPS = "lectern:see_to_recaps"
WRITE_SUMMARY = "lectern:write_summary"
FOLLOW_CONSENT = "lectern:follow_consent"

WEBHOOK_QUEUE = "webhooks"
"""A queue of its own, so that receivers who take their time keep nothing else waiting."""
RECORDING_QUEUE = "recordings"
"""Another, since a recording may have to wait for as long as live lessons need the captioner."""
DEFAULT_QUEUE = "default"

ZOOM_QUEUE = "zoom"
"""A queue of its own: a meeting takes about a line a second, however many wait."""

TRANSLATION_QUEUE = "translations"
"""A queue of its own, so that a translator that is away or slow keeps nothing else waiting."""

RECAP_QUEUE = "recaps"
"""A queue of its own, so that a mail server that is slow keeps nothing else waiting."""

SUMMARY_QUEUE = "summaries"
"""A queue of its own: what reads a whole lesson computes for long."""

_BRING_FORWARD = """
UPDATE procrastinate_jobs SET scheduled_at = now() + %(delay)s
WHERE queueing_lock = %(lock)s AND status = 'todo' AND scheduled_at > now() + %(delay)s
"""

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
            queue=RECORDING_QUEUE,
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

    async def wake_webhook(
        self, tenant_id: str, webhook_id: str, delay: timedelta = timedelta(0)
    ) -> None:
        """See to it that a webhook is delivered to, after `delay` at the latest.

        There is one such job for each webhook beside the one that runs; it is brought forward where
        it would come later. What waits is told by the webhook's lanes, never by the job.

        Raises:
            Unavailable: the database does not answer.
        """
        where = {"tenant_id": tenant_id, "webhook_id": webhook_id}
        await self._wake(DELIVER_WEBHOOK, WEBHOOK_QUEUE, f"webhook:{webhook_id}", delay, where)

    async def wake_zoom(
        self, tenant_id: str, lesson_id: str, delay: timedelta = timedelta(0)
    ) -> None:
        """See to it that a lesson's captions go on to Zoom, after `delay` at the latest.

        Raises:
            Unavailable: the database does not answer.
        """
        await self._wake_lesson(SEND_TO_ZOOM, ZOOM_QUEUE, tenant_id, lesson_id, delay)

    async def wake_translations(
        self, tenant_id: str, lesson_id: str, delay: timedelta = timedelta(0)
    ) -> None:
        """See to it that a lesson's captions are translated, after `delay` at the latest.

        Raises:
            Unavailable: the database does not answer.
        """
        await self._wake_lesson(TRANSLATE_CAPTIONS, TRANSLATION_QUEUE, tenant_id, lesson_id, delay)

    async def wake_recaps(
        self, tenant_id: str, lesson_id: str, delay: timedelta = timedelta(0)
    ) -> None:
        """See to it that a lesson's recaps are drafted and delivered, after `delay` at the latest.

        Raises:
            Unavailable: the database does not answer.
        """
        await self._wake_lesson(SEE_TO_RECAPS, RECAP_QUEUE, tenant_id, lesson_id, delay)

    async def wake_summary(
        self, tenant_id: str, lesson_id: str, delay: timedelta = timedelta(0)
    ) -> None:
        """See to it that a lesson's summary is written, as far as one is due, after `delay`.

        Raises:
            Unavailable: the database does not answer.
        """
        await self._wake_lesson(WRITE_SUMMARY, SUMMARY_QUEUE, tenant_id, lesson_id, delay)

    async def follow_consent(
        self, tenant_id: str, person_id: str, delay: timedelta = timedelta(0)
    ) -> None:
        """See to it that what was told of a person follows their consent, after `delay`.

        Raises:
            Unavailable: the database does not answer.
        """
        where = {"tenant_id": tenant_id, "person_id": person_id}
        await self._wake(FOLLOW_CONSENT, DEFAULT_QUEUE, f"consent:{person_id}", delay, where)

    async def relay_webhooks(self, tenant_id: str) -> int:
        """Queue the relaying of what a tenant committed while a webhook of it was disabled.

        Returns:
            The job's number.

        Raises:
            Unavailable: the database does not answer.
        """
        return await self._defer(RELAY_WEBHOOKS, lock=f"relay:{tenant_id}", tenant_id=tenant_id)

    async def tell_of_disabled_webhook(self, tenant_id: str, webhook_id: str) -> int:
        """Queue the e-mail that says that a webhook was disabled.

        Returns:
            The job's number.

        Raises:
            Unavailable: the database does not answer.
        """
        return await self._defer(
            TELL_OF_DISABLED_WEBHOOK,
            lock=f"mail:{webhook_id}",
            tenant_id=tenant_id,
            webhook_id=webhook_id,
        )

    async def _wake_lesson(
        self, task: str, queue: str, tenant_id: str, lesson_id: str, delay: timedelta
    ) -> None:
        """Have a task of a queue's own kind see to a lesson: one job waits, however many ask."""
        where = {"tenant_id": tenant_id, "lesson_id": lesson_id}
        await self._wake(task, queue, f"{queue}:{lesson_id}", delay, where)

    async def _wake(
        self, task: str, queue: str, lock: str, delay: timedelta, arguments: Mapping[str, str]
    ) -> None:
        """Have a task run after `delay` at the latest, once however often it is asked for."""
        due_at = datetime.now(UTC) + delay if delay > timedelta(0) else None
        job = self._app.configure_task(
            task,
            allow_unknown=True,
            queue=queue,
            lock=lock,
            queueing_lock=lock,
            schedule_at=due_at,
        )
        with _telling_of_outages():
            try:
                await job.defer_async(**arguments)
            except procrastinate.exceptions.AlreadyEnqueued:
                await self._app.connector.execute_query_async(
                    _BRING_FORWARD, lock=lock, delay=max(delay, timedelta(0))
                )

    async def _defer(
        self, task: str, *, lock: str, queue: str = DEFAULT_QUEUE, **arguments: str
    ) -> int:
        job = self._app.configure_task(task, allow_unknown=True, queue=queue, lock=lock)
        with _telling_of_outages():
            return await job.defer_async(**arguments)


@contextmanager
def _telling_of_outages() -> Iterator[None]:
    try:
        yield
    except procrastinate.exceptions.ConnectorException as error:
        raise Unavailable(f"The job cannot be queued: {error}", retry_after_seconds=2) from error
