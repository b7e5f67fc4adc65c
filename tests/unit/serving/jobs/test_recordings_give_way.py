"""A recording beside live lessons waits as long as they need the captioner, and then goes on."""

from __future__ import annotations

import asyncio

import pytest

from lessons.errors import Overloaded, Unavailable
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store import Database, Ledger, LessonStore, TrackStore
from lessons.store.consents import ConsentStore
from lessons.store.vocabulary import VocabularyStore
from media_ingest.recording import read_recording
from models.captions.interface import CaptionWindow, Hypothesis, Word
from serving.captioning.recorded_speech import Patience
from serving.jobs import recordings
from serving.jobs.recordings import RecordedTrack, RecordingPipeline
from serving.samples import SAMPLE_FOLDER


class Busy:
    """Hands windows back for a while, as a captioner that live lessons need."""

    def __init__(self, refusals: int, error: Unavailable) -> None:
        self.asked: list[CaptionWindow] = []
        self._left = refusals
        self._error = error

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        self.asked.append(window)
        if self._left:
            self._left -= 1
            raise self._error
        return Hypothesis(window.id, (Word("word", 0, 100, 0.9),), "en", "busy", "none")


async def _process(database: Database, lesson: Lesson, captions: Busy) -> int:
    lessons = LessonStore(database)
    person = await lessons.add_participant(lesson.tenant_id, lesson.id, "Dan", Role.INSTRUCTOR)
    pipeline = RecordingPipeline(
        Ledger(database),
        TrackStore(database),
        captions,
        2,
        ConsentStore(database),
        VocabularyStore(database),
        database.pin,
    )
    started = await lessons.start_lesson(lesson.tenant_id, lesson.id)

    async def progress(_: float) -> None:
        await asyncio.sleep(0)

    return await pipeline.process(started, [_track(person)], progress)


def _track(person: Participant) -> RecordedTrack:
    (track,) = read_recording(SAMPLE_FOLDER / "learner.opus").tracks
    return RecordedTrack(person, track.frames(), track.duration_ms or 0.0)


async def test_it_waits_longer_than_it_would_for_models_that_fail(
    database: Database, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "PATIENCE", Patience(failures=2, rest_seconds=0))
    busy = Busy(30, Overloaded("Live lessons.", retry_after_seconds=0))
    assert await _process(database, lesson, busy) > 0
    assert not any(window.live for window in busy.asked)


async def test_models_that_fail_are_not_waited_for_as_long(
    database: Database, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "PATIENCE", Patience(failures=2, rest_seconds=0))
    with pytest.raises(Unavailable, match="gone"):
        await _process(database, lesson, Busy(30, Unavailable("gone")))
