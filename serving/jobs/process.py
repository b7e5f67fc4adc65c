"""The jobs process: works on recordings and plays the sample, from the queue in PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import procrastinate

from lessons.errors import LecternError, Unavailable
from lessons.records import Lesson, Recording
from lessons.store import Ledger, LessonStore, LiveFeed, TrackStore
from lessons.store.consents import ConsentStore
from lessons.store.recordings import RecordingStore
from lessons.store.vocabulary import VocabularyStore
from models.mastery.tracing import mastery_model
from serving.captioning.client import CaptionClient
from serving.database import open_database
from serving.following import LessonFollower
from serving.jobs.learning_record import LearningRecordRelay
from serving.jobs.notes_worker import open_notes_work
from serving.jobs.privacy import PrivacyUpkeep
from serving.jobs.queue import (
    DEFAULT_QUEUE,
    MAKE_LEARNING_RECORD,
    PLAY_SAMPLE,
    PROCESS_RECORDING,
    RECORDING_QUEUE,
    job_app,
)
from serving.jobs.queue_workers import (
    STALLED_AFTER_SECONDS,
    STOP_SECONDS,
    looking_after,
    working_on,
)
from serving.jobs.recorded_tracks import RecordedFile, open_tracks
from serving.jobs.recordings import RecordingPipeline
from serving.jobs.sample_playback import SamplePlayer
from serving.jobs.summary_worker import SummaryWork, open_summary_work
from serving.jobs.translation_worker import TranslationWork, open_translation_work
from serving.jobs.upkeep import PartitionUpkeep
from serving.jobs.webhook_worker import WebhookWork, open_webhook_work
from serving.jobs.zoom_worker import ZoomWork, open_zoom_work
from serving.observability.jobs_metrics import JobsMetrics
from serving.observability.notes_metrics import NotesMetrics
from serving.observability.reading_metrics import ReadingMetrics
from serving.observability.scraping import showing_metrics
from serving.observability.store_metrics import show_pool
from serving.reading.models import open_reading
from serving.recaps.worker import RecapWork, open_recap_work
from serving.settings import Settings

logger = logging.getLogger(__name__)

CONCURRENT_JOBS = 4
CONCURRENT_RECORDINGS = 4
PARALLEL_WINDOWS = 4
"""Windows of one recording that are with the captioner at the same time."""

PROGRESS_SECONDS = 0.5
RECORDING_POLL_SECONDS = 5.0
"""Nobody waits for a recording that is tried again."""

RETRY_OUTAGES = procrastinate.RetryStrategy(max_attempts=20, linear_wait=5)
"""Waits 5, 10, 15 ... seconds: about 16 minutes in all."""


@dataclass(frozen=True, slots=True)
class JobWork:
    """What jobs do, and what they do it with."""

    lessons: LessonStore
    recordings: RecordingStore
    feed: LiveFeed
    pipeline: RecordingPipeline
    player: SamplePlayer
    learning_record: LearningRecordRelay
    webhooks: WebhookWork
    zoom: ZoomWork
    translations: TranslationWork
    recaps: RecapWork
    summaries: SummaryWork
    notes: LessonFollower
    privacy: PrivacyUpkeep
    metrics: JobsMetrics = field(default_factory=JobsMetrics)

    async def process_recording(self, tenant_id: str, lesson_id: str, recording_id: str) -> None:
        """Caption a queued recording; a failure is kept with the recording, in plain words."""
        recording = await self.recordings.get(tenant_id, lesson_id, recording_id)
        try:
            if recording.status != "queued":
                raise Unavailable(
                    "The work on this recording was interrupted.", fix="Send the files again."
                )
            await self._process(tenant_id, lesson_id, recording)
            await self.recordings.finish(tenant_id, recording_id)
        except LecternError as error:
            logger.warning("recording %s failed: %s", recording_id, error)
            await self.recordings.fail(tenant_id, recording_id, str(error))
        await asyncio.to_thread(_remove_files, recording)
        await self._tell(tenant_id, lesson_id, recording_id)

    async def play_sample(
        self, context: procrastinate.JobContext, tenant_id: str, lesson_id: str
    ) -> None:
        """Play the sample lesson to its end; a refusal ends it at once and is logged."""
        interrupted = context.job.attempts > 0
        try:
            await self.player.play(tenant_id, lesson_id, interrupted=interrupted)
        except LecternError as error:
            logger.warning("the sample of lesson %s stopped: %s", lesson_id, error)

    async def _process(self, tenant_id: str, lesson_id: str, recording: Recording) -> None:
        before = await self.lessons.get_lesson(tenant_id, lesson_id)
        lesson = await self.lessons.start_lesson(tenant_id, lesson_id)
        tracks = await open_tracks(self.lessons, lesson, await self._files(lesson, recording))
        duration_ms = round(max(track.duration_ms for track in tracks))
        told_at = -PROGRESS_SECONDS

        async def on_progress(fraction: float) -> None:
            nonlocal told_at
            if fraction < 1 and time.monotonic() - told_at < PROGRESS_SECONDS:
                return
            told_at = time.monotonic()
            await self.recordings.set_progress(
                tenant_id, recording.id, fraction, duration_ms=duration_ms
            )
            await self._tell(tenant_id, lesson_id, recording.id)

        await on_progress(0.0)
        await self.pipeline.process(lesson, tracks, on_progress)
        if before.status == "scheduled":
            await self.lessons.end_lesson(tenant_id, lesson_id)

    async def _files(self, lesson: Lesson, recording: Recording) -> list[RecordedFile]:
        people = {
            person.id: person
            for person in await self.lessons.list_participants(lesson.tenant_id, lesson.id)
        }
        return [
            RecordedFile(Path(file.path), people.get(file.participant_id or ""))
            for file in recording.files
        ]

    async def _tell(self, tenant_id: str, lesson_id: str, recording_id: str) -> None:
        recording = await self.recordings.get(tenant_id, lesson_id, recording_id)
        told = recording.model_dump(mode="json", exclude={"files"})
        await self.feed.publish_progress(tenant_id, lesson_id, told)


def _remove_files(recording: Recording) -> None:
    """Remove the uploaded media: what is kept of a lesson is its record, not its voices."""
    for file in recording.files:
        path = Path(file.path)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # Not empty yet, or gone already.
            path.parent.rmdir()


async def run_jobs(settings: Settings, database_url: str, name: str) -> None:
    """Work on jobs until SIGINT or SIGTERM; then give those in hand a few seconds.

    Raises:
        Unavailable: the database does not answer.
    """
    async with open_work(settings, database_url) as work:
        app = worker_app(database_url, work)
        try:
            async with (
                contextlib.AsyncExitStack() as stack,
                app.open_async(),
                looking_after(app, work.metrics),
                working_on(
                    app,
                    RECORDING_QUEUE,
                    concurrency=CONCURRENT_RECORDINGS,
                    poll_seconds=RECORDING_POLL_SECONDS,
                ),
                work.learning_record.relaying(),
                work.webhooks.working(app),
                work.zoom.working(app),
                work.translations.working(app),
                work.recaps.working(app),
                work.summaries.working(app),
                work.notes.following(),
            ):
                stack.enter_context(showing_metrics(settings, name, work.metrics.registry))
                logger.info("ready for jobs")
                await app.run_worker_async(
                    queues=[DEFAULT_QUEUE],
                    concurrency=CONCURRENT_JOBS,
                    shutdown_graceful_timeout=STOP_SECONDS,
                    delete_jobs="successful",
                    stalled_worker_timeout=STALLED_AFTER_SECONDS,
                )
        except procrastinate.exceptions.ConnectorException as error:
            raise Unavailable(f"The job tables do not answer: {error}") from error


@contextlib.asynccontextmanager
async def open_work(settings: Settings, database_url: str) -> AsyncIterator[JobWork]:
    """Open the stores, the feed and the captioner that jobs need; close them at the end."""
    database = open_database(settings, database_url)
    metrics = JobsMetrics()
    reading = ReadingMetrics(metrics.registry)
    show_pool(metrics.registry, database)
    lessons, tracks = LessonStore(database), TrackStore(database)
    try:
        async with (
            LiveFeed(database_url) as feed,
            CaptionClient(settings.models_url) as captions,
            open_webhook_work(settings, database_url, database, feed, metrics=metrics) as webhooks,
            open_zoom_work(settings, database_url, database, feed) as zoom,
            open_translation_work(
                settings, database_url, database, feed, metrics=metrics
            ) as translations,
            open_recap_work(settings, database_url, database, feed) as recaps,
            # Two of them: what runs in this process takes one call at a time.
            open_reading(settings, reading) as for_summaries,
            open_reading(settings, reading) as for_notes,
            open_summary_work(settings, database_url, database, feed, for_summaries) as summaries,
            open_notes_work(
                database_url, database, NotesMetrics(metrics.registry), for_notes
            ) as notes,
        ):
            yield JobWork(
                lessons=lessons,
                recordings=RecordingStore(database),
                feed=feed,
                pipeline=RecordingPipeline(
                    Ledger(database),
                    tracks,
                    captions,
                    PARALLEL_WINDOWS,
                    ConsentStore(database),
                    VocabularyStore(database),
                    database.pin,
                ),
                player=SamplePlayer(
                    lessons, tracks, settings.public_url, settings.signing_secret()
                ),
                learning_record=LearningRecordRelay(
                    database, feed, mastery_model(settings.mastery_parameters)
                ),
                webhooks=webhooks,
                zoom=zoom,
                translations=translations,
                recaps=recaps,
                summaries=summaries,
                notes=notes,
                privacy=PrivacyUpkeep(database, settings.data_dir),
                metrics=metrics,
            )
    finally:
        await database.dispose()


def worker_app(database_url: str, work: JobWork) -> procrastinate.App:
    """Return the job application with its tasks bound to what they work with."""
    app = job_app(database_url)
    app.task(name=PROCESS_RECORDING, queue=RECORDING_QUEUE)(work.process_recording)
    app.task(name=PLAY_SAMPLE, pass_context=True)(work.play_sample)
    app.task(name=MAKE_LEARNING_RECORD, retry=RETRY_OUTAGES)(work.learning_record.relay)
    PartitionUpkeep(database_url).register(app)
    work.privacy.register(app)
    work.webhooks.register(app)
    work.zoom.register(app)
    work.translations.register(app)
    work.recaps.register(app)
    work.summaries.register(app)
    return app
