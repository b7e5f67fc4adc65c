from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lessons.errors import Conflict
from lessons.records import Lesson, Recording, RecordingFile
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, LiveFeed, Passing, TrackStore
from lessons.store.consents import ConsentStore
from lessons.store.recordings import RecordingStore
from lessons.store.vocabulary import VocabularyStore
from models.captions.pocketsphinx_engine import PocketsphinxEngine
from models.mastery.tracing import mastery_model
from serving.captioning.client import InProcessCaptions
from serving.jobs.learning_record import LearningRecordRelay
from serving.jobs.notes_worker import open_notes_work
from serving.jobs.privacy import PrivacyUpkeep
from serving.jobs.process import JobWork, worker_app
from serving.jobs.queue import JobQueue, migrate_jobs
from serving.jobs.recordings import RecordingPipeline
from serving.jobs.sample_playback import SamplePlayer
from serving.jobs.summary_worker import open_summary_work
from serving.jobs.translation_worker import open_translation_work
from serving.jobs.webhook_worker import open_webhook_work
from serving.jobs.zoom_worker import open_zoom_work
from serving.observability.notes_metrics import NotesMetrics
from serving.observability.scraping import new_registry
from serving.recaps.worker import open_recap_work
from serving.sample_class import sample_class
from serving.samples import create_sample_lesson, sample_script
from serving.settings import Settings
from tests.media import write_speech

SPEECH_SECONDS = 6.5
"""The tutor's first two sentences."""


@pytest.fixture(scope="module")
def engine() -> Any:
    made = PocketsphinxEngine()
    yield made
    made.close()


@pytest.fixture
async def work(
    database: Database, served_database: str, engine: PocketsphinxEngine, settings: Settings
) -> AsyncIterator[JobWork]:
    lessons, tracks = LessonStore(database), TrackStore(database)
    captions = InProcessCaptions(engine)
    async with (
        LiveFeed(served_database) as feed,
        open_webhook_work(settings, served_database, database, feed) as webhooks,
        open_zoom_work(settings, served_database, database, feed) as zoom,
        open_translation_work(settings, served_database, database, feed) as translations,
        open_recap_work(settings, served_database, database, feed) as recaps,
        open_summary_work(settings, served_database, database, feed) as summaries,
        open_notes_work(served_database, database, NotesMetrics(new_registry())) as notes,
    ):
        yield JobWork(
            lessons=lessons,
            recordings=RecordingStore(database),
            feed=feed,
            pipeline=RecordingPipeline(
                Ledger(database),
                tracks,
                captions,
                2,
                ConsentStore(database),
                VocabularyStore(database),
                database.pin,
            ),
            player=SamplePlayer(lessons, tracks, "http://127.0.0.1:9", "a secret of the tests"),
            learning_record=LearningRecordRelay(database, feed, mastery_model(None)),
            webhooks=webhooks,
            zoom=zoom,
            translations=translations,
            recaps=recaps,
            summaries=summaries,
            notes=notes,
            privacy=PrivacyUpkeep(database, settings.data_dir),
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where uploads of one recording lie."""
    made = tmp_path / "upload"
    made.mkdir()
    return made


async def run_queue(database_url: str, work: JobWork) -> None:
    """Work on everything that is queued, then stop."""
    app = worker_app(database_url, work)
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False)


async def queue(
    database_url: str, work: JobWork, lesson: Lesson, path: Path, participant_id: str | None
) -> Recording:
    file = RecordingFile(name=path.name, path=str(path), participant_id=participant_id)
    recording = await work.recordings.create(lesson.tenant_id, lesson.id, [file])
    async with JobQueue(database_url) as jobs:
        await jobs.enqueue_recording(lesson.tenant_id, lesson.id, recording.id)
    return recording


async def again(work: JobWork, lesson: Lesson, recording: Recording) -> Recording:
    return await work.recordings.get(lesson.tenant_id, lesson.id, recording.id)


async def test_a_queued_recording_becomes_captions_of_its_speaker(
    work: JobWork, served_database: str, lesson: Lesson, folder: Path
) -> None:
    tutor = await work.lessons.add_participant(
        lesson.tenant_id, lesson.id, "Daniel", Role.INSTRUCTOR
    )
    path = write_speech(folder / "tutor.wav", SPEECH_SECONDS)
    recording = await queue(served_database, work, lesson, path, tutor.id)
    async with work.feed.subscribe(lesson.tenant_id, lesson.id) as messages:
        await run_queue(served_database, work)
        progress = await progress_until_done(messages)
    assert (await again(work, lesson, recording)).status == "done"
    assert progress[-1]["status"] == "done"
    assert all("files" not in told for told in progress)
    finals = await work.pipeline.ledger.read(lesson.tenant_id, lesson.id, types=["caption.final"])
    heard = " ".join(event.data.text for event in finals)  # type: ignore[attr-defined]
    assert "morning" in heard
    assert {event.subject for event in finals} == {tutor.id}
    assert (await work.lessons.get_lesson(lesson.tenant_id, lesson.id)).status == "ended"
    assert not await asyncio.to_thread(folder.exists), "the uploaded voice is not kept"


async def progress_until_done(messages: Any) -> list[dict[str, Any]]:
    progress: list[dict[str, Any]] = []
    async with asyncio.timeout(5):
        async for message in messages:
            if isinstance(message, Passing):
                progress.append(dict(message.data))
                if message.data["status"] in ("done", "failed"):
                    break
    return progress


async def test_a_recording_in_a_live_lesson_does_not_end_it(
    work: JobWork, served_database: str, lesson: Lesson, folder: Path
) -> None:
    await work.lessons.start_lesson(lesson.tenant_id, lesson.id)
    await queue(served_database, work, lesson, write_speech(folder / "a.wav", 0.5), None)
    await run_queue(served_database, work)
    assert (await work.lessons.get_lesson(lesson.tenant_id, lesson.id)).status == "live"
    people = await work.lessons.list_participants(lesson.tenant_id, lesson.id)
    assert [person.name for person in people] == ["Unattributed"]


@pytest.mark.parametrize(("content", "told"), [(b"", "empty"), (b"not media at all" * 99, "read")])
async def test_a_file_that_is_no_media_fails_in_plain_words(
    work: JobWork, served_database: str, lesson: Lesson, folder: Path, content: bytes, told: str
) -> None:
    path = folder / "broken.mp4"
    path.write_bytes(content)
    recording = await queue(served_database, work, lesson, path, None)
    await run_queue(served_database, work)
    failed = await again(work, lesson, recording)
    assert failed.status == "failed"
    assert failed.error is not None
    assert told in failed.error


async def test_interrupted_work_on_a_recording_is_not_done_twice(
    work: JobWork, served_database: str, lesson: Lesson, folder: Path
) -> None:
    path = write_speech(folder / "a.wav", SPEECH_SECONDS)
    recording = await queue(served_database, work, lesson, path, None)
    await work.recordings.set_progress(lesson.tenant_id, recording.id, 0.4)
    await run_queue(served_database, work)
    failed = await again(work, lesson, recording)
    assert failed.status == "failed"
    assert "interrupted" in (failed.error or "")
    assert await work.pipeline.ledger.read(lesson.tenant_id, lesson.id) == []


async def test_a_sample_whose_gateway_is_away_ends_its_lesson(
    work: JobWork, served_database: str, tenant_id: str
) -> None:
    sample = await create_sample_lesson(work.lessons, tenant_id)
    async with JobQueue(served_database) as jobs:
        await jobs.enqueue_sample_playback(tenant_id, sample.id)
    await run_queue(served_database, work)
    assert (await work.lessons.get_lesson(tenant_id, sample.id)).status == "ended"
    with pytest.raises(Conflict):
        await work.lessons.start_lesson(tenant_id, sample.id)


async def test_the_sample_lesson_has_its_people_and_its_words(
    work: JobWork, tenant_id: str
) -> None:
    script = sample_script()
    sample = await create_sample_lesson(work.lessons, tenant_id)
    people = await work.lessons.list_participants(tenant_id, sample.id)
    assert sample.sample
    assert sample.vocabulary == script.vocabulary
    assert [(person.name, person.role) for person in people] == [
        ("Daniel", Role.INSTRUCTOR),
        *((one.name, Role.LEARNER) for one in sample_class().learners),
    ]
    assert people[1].name == "Sarah"
    assert all(turn.start_ms < turn.end_ms <= script.duration_ms for turn in script.turns)
    assert 100_000 < script.duration_ms < 140_000


def test_job_tables_are_made_once(served_database: str) -> None:
    migrate_jobs(served_database)
    migrate_jobs(served_database)
