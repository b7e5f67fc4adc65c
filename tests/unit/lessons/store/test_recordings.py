from __future__ import annotations

import pytest

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.identifiers import new_id
from lessons.records import Lesson, RecordingFile
from lessons.store import Database, LessonStore, RecordingStore

FILES = [
    RecordingFile(name="tutor.opus", path="rec/0.opus", participant_id="par_1"),
    RecordingFile(name="room.mp4", path="rec/1.mp4"),
]


@pytest.fixture
def recordings(database: Database) -> RecordingStore:
    return RecordingStore(database)


async def test_a_recording_goes_its_way(recordings: RecordingStore, lesson: Lesson) -> None:
    recording_id = new_id("rec")
    created = await recordings.create(lesson.tenant_id, lesson.id, FILES, recording_id)
    assert (created.id, created.status, created.progress) == (recording_id, "queued", 0.0)
    assert created.files == FILES
    half = await recordings.set_progress(lesson.tenant_id, recording_id, 0.5, duration_ms=9000)
    assert (half.status, half.progress, half.duration_ms) == ("processing", 0.5, 9000)
    done = await recordings.finish(lesson.tenant_id, recording_id)
    assert (done.status, done.progress, done.duration_ms) == ("done", 1.0, 9000)
    assert await recordings.get(lesson.tenant_id, lesson.id, recording_id) == done
    assert await recordings.list_recordings(lesson.tenant_id, lesson.id) == [done]


async def test_a_failed_recording_says_why_and_may_be_tried_again(
    recordings: RecordingStore, lesson: Lesson
) -> None:
    recording = await recordings.create(lesson.tenant_id, lesson.id, FILES)
    failed = await recordings.fail(lesson.tenant_id, recording.id, "The file is truncated.")
    assert (failed.status, failed.error) == ("failed", "The file is truncated.")
    again = await recordings.set_progress(lesson.tenant_id, recording.id, 0.1)
    assert (again.status, again.error) == ("processing", None)


async def test_bad_input_is_refused(
    recordings: RecordingStore, lesson_store: LessonStore, lesson: Lesson
) -> None:
    with pytest.raises(InvalidInput):
        await recordings.create(lesson.tenant_id, lesson.id, [])
    recording = await recordings.create(lesson.tenant_id, lesson.id, FILES)
    for progress in (-0.1, 1.1, float("nan")):
        with pytest.raises(InvalidInput):
            await recordings.set_progress(lesson.tenant_id, recording.id, progress)
    await lesson_store.end_lesson(lesson.tenant_id, lesson.id)
    with pytest.raises(Conflict):
        await recordings.create(lesson.tenant_id, lesson.id, FILES)


async def test_what_is_not_there_is_not_found(recordings: RecordingStore, lesson: Lesson) -> None:
    for refused in (
        recordings.get(lesson.tenant_id, lesson.id, "rec_none"),
        recordings.finish(lesson.tenant_id, "rec_none"),
        recordings.create(lesson.tenant_id, "les_none", FILES),
        recordings.list_recordings(lesson.tenant_id, "les_none"),
    ):
        with pytest.raises(NotFound):
            await refused
