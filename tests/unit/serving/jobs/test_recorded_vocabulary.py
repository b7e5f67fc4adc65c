"""A recording is captioned with all of its lesson's own words, as a live lesson is."""

from __future__ import annotations

from itertools import takewhile

from lessons.events import EventDraft
from lessons.events.lesson_plan import LessonPlanItemStarted
from lessons.records import Lesson, Participant
from media_ingest.recording import read_recording
from models.captions.interface import CaptionWindow, Hypothesis
from serving.jobs.recordings import RecordedTrack, RecordingPipeline
from serving.samples import SAMPLE_FOLDER
from serving.web.services import Services

MILLISECONDS = 4_000


class Listener:
    """Hears nothing, and keeps what it was told to listen for."""

    def __init__(self) -> None:
        self.vocabularies: set[tuple[str, ...]] = set()

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        self.vocabularies.add(window.vocabulary)
        return Hypothesis(window.id, (), "en", "listener", "none")


async def test_plans_and_names_go_with_the_windows_of_a_recording(
    services: Services, lesson: Lesson, learner: Participant
) -> None:
    item = EventDraft(LessonPlanItemStarted(item_id="1", title="Quotients"), 0)
    await services.ledger.append(lesson.tenant_id, lesson.id, [item])
    listener = Listener()
    pipeline = RecordingPipeline(
        services.ledger,
        services.tracks,
        listener,
        2,
        services.consents,
        services.vocabulary,
        services.database.pin,
    )
    [track] = read_recording(SAMPLE_FOLDER / "tutor.opus").tracks
    frames = takewhile(lambda frame: frame.start_ms < MILLISECONDS, track.frames())

    async def told(_: float) -> None:
        """Nobody waits for this recording."""

    await pipeline.process(lesson, [RecordedTrack(learner, frames, MILLISECONDS)], told)
    assert listener.vocabularies == {("quotients", "fractions", "Ada")}
