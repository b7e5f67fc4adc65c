"""`lectern process`: recorded files into a lesson of their own, and its captions into files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lessons.caption_formats import to_json, to_srt, to_text, to_webvtt
from lessons.captions import captions_of
from lessons.errors import InvalidInput
from lessons.events import LearningEvent
from lessons.records import Lesson
from lessons.store import Ledger, LessonStore, TrackStore, migrate
from lessons.store.consents import ConsentStore
from lessons.store.vocabulary import VocabularyStore
from media_ingest.recording import read_recording
from serving.captioning.client import CaptionClient, CaptionService, InProcessCaptions
from serving.captioning.engine_configuration import EngineConfiguration
from serving.captioning.loaded_models import LoadedModels
from serving.commands.speaker_names import parse_speaker
from serving.database import open_database
from serving.jobs.recorded_tracks import RecordedFile, open_tracks
from serving.jobs.recordings import RecordingPipeline
from serving.settings import DEFAULT_TENANT, Settings

PROBE_SECONDS = 1.0
EVENTS_PER_PAGE = 500


@dataclass(frozen=True, slots=True)
class ProcessRequest:
    """What to process.

    Attributes:
        files: media files, all of one lesson and starting together.
        speakers: who is on the first audio track of each file, `Ada:learner`; may be fewer.
        title: the lesson's title; None: the first file's name.
        output: folder for the captions; None: beside the first file.
    """

    files: Sequence[Path]
    speakers: Sequence[str]
    title: str | None
    output: Path | None


async def process_files(
    settings: Settings, database_url: str, request: ProcessRequest, console: Console
) -> None:
    """Caption the files into a new lesson; write its captions and events; print its id.

    Raises:
        InvalidInput: a file is missing or empty, or a speaker is malformed.
        UnsupportedMedia: a file is no media, was cut off, or has no audio.
        Unavailable: the models or the database stayed away.
    """
    _check(request)
    await asyncio.to_thread(migrate, database_url)
    database = open_database(settings, database_url)
    try:
        lessons, ledger = LessonStore(database), Ledger(database)
        async with _captions(settings, console) as (captions, parallel):
            pipeline = RecordingPipeline(
                ledger,
                TrackStore(database),
                captions,
                parallel,
                ConsentStore(database),
                VocabularyStore(database),
                database.pin,
            )
            lesson = await _caption(settings, lessons, pipeline, request, console)
        events = await _all_events(ledger, lesson.id)
    finally:
        await database.dispose()
    written = _write(request, events)
    console.print(f"Lesson {lesson.id}", markup=False, highlight=False)
    for path in written:
        console.print(f"  {path}", markup=False, highlight=False, soft_wrap=True)


def _check(request: ProcessRequest) -> None:
    """Refuse what can be refused before any model is loaded."""
    if len(request.speakers) > len(request.files):
        raise InvalidInput("There are more speakers than files.", field="name")
    for speaker in request.speakers:
        parse_speaker(speaker)
    for file in request.files:
        read_recording(file)


@asynccontextmanager
async def _captions(
    settings: Settings, console: Console
) -> AsyncIterator[tuple[CaptionService, int]]:
    """The models process if it runs, else an engine in this process; and how much it does at once.

    Two engines on one machine would only slow each other down.
    """
    if await _models_are_up(settings):
        async with CaptionClient(settings.models_url) as client:
            yield client, settings.ingest_worker_count
        return
    choice = EngineConfiguration.of(settings).choose()
    console.print(
        f"Captions by {choice.engine} {choice.model}: {choice.reason}.",
        markup=False,
        soft_wrap=True,
    )
    engine = await asyncio.to_thread(choice.build)
    captions = InProcessCaptions(engine)
    try:
        yield captions, engine.capabilities.parallel_windows
    finally:
        await captions.close()


async def _models_are_up(settings: Settings) -> bool:
    try:
        async with httpx.AsyncClient(timeout=PROBE_SECONDS, trust_env=False) as http:
            response = await http.get(f"{settings.models_url}/models")
            return LoadedModels.model_validate_json(response.content).captions.state == "ready"
    except (httpx.HTTPError, ValueError):
        return False


async def _caption(
    settings: Settings,
    lessons: LessonStore,
    pipeline: RecordingPipeline,
    request: ProcessRequest,
    console: Console,
) -> Lesson:
    title = request.title or request.files[0].stem
    lesson = await lessons.create_lesson(
        DEFAULT_TENANT, title=title, language=settings.caption_language
    )
    lesson = await lessons.start_lesson(DEFAULT_TENANT, lesson.id)
    files = await _attribute(lessons, lesson, request)
    with _progress_bar(console) as bar:
        task = bar.add_task(f"Captioning {title}", total=1.0)

        async def on_progress(fraction: float) -> None:
            bar.update(task, completed=fraction)

        tracks = await open_tracks(lessons, lesson, files)
        await pipeline.process(lesson, tracks, on_progress)
    return await lessons.end_lesson(DEFAULT_TENANT, lesson.id)


async def _attribute(
    lessons: LessonStore, lesson: Lesson, request: ProcessRequest
) -> list[RecordedFile]:
    """Give each named file its participant; the rest stay nobody's."""
    files = [RecordedFile(path, None) for path in request.files]
    for number, speaker in enumerate(request.speakers):
        name, role = parse_speaker(speaker)
        person = await lessons.add_participant(DEFAULT_TENANT, lesson.id, name, role)
        files[number] = RecordedFile(request.files[number], person)
    return files


def _progress_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
    )


async def _all_events(ledger: Ledger, lesson_id: str) -> list[LearningEvent]:
    events: list[LearningEvent] = []
    while page := await ledger.read(
        DEFAULT_TENANT, lesson_id, after=len(events), limit=EVENTS_PER_PAGE
    ):
        events += page
    return events


def _write(request: ProcessRequest, events: Sequence[LearningEvent]) -> list[Path]:
    """Write the captions in every format and the events; return the paths."""
    first = request.files[0]
    folder = request.output or first.parent
    folder.mkdir(parents=True, exist_ok=True)
    captions = captions_of(events)
    contents = {
        ".vtt": to_webvtt(captions),
        ".srt": to_srt(captions),
        ".txt": to_text(captions),
        ".json": to_json(captions),
        ".events.jsonl": "".join(f"{json.dumps(event.to_wire())}\n" for event in events),
    }
    written = []
    for suffix, content in contents.items():
        path = folder / f"{first.stem}{suffix}"
        path.write_text(content, "utf-8")
        written.append(path)
    return written
