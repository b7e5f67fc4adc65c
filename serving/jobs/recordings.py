"""A recording through the pipeline of a live lesson, faster than real time, to the same events.

Windows of all tracks are taken in lesson time, transcribed several at once and written in order
(`serving.captioning.recorded_speech`), however long live lessons need the captioner meanwhile.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from lessons.errors import InvalidInput
from lessons.events import EventDraft
from lessons.identifiers import new_id
from lessons.privacy.consent import ParticipantConsent, purposes_of_track
from lessons.records import Lesson, Participant
from lessons.store import Ledger, TrackStore
from lessons.store.consents import ConsentStore
from lessons.store.regions import RegionPin
from lessons.store.vocabulary import VocabularyStore
from lessons.vocabulary import ranked_terms
from media_ingest.frames import AudioFrame, SpeechWindow
from media_ingest.utterances import CuttingSettings
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.client import CaptionService
from serving.captioning.recorded_speech import Patience, final_windows, in_order
from serving.live.caption_drafts import Speaker, final_caption
from serving.live.speaking_turns import SpeakingTurns

logger = logging.getLogger(__name__)

PATIENCE = Patience(failures=60, rest_seconds=1.0)
"""A recording waits a minute for models that restart, then fails with a clear word."""

CAPTURED_FOR = purposes_of_track("audio", "recording")
"""What somebody in a recording has to have consented to."""

Spoken = tuple[Speaker, SpeechWindow]
"""Who says something, and what is heard of it."""

Progress = Callable[[float], Awaitable[None]]
"""Told the fraction done, 0..1."""


@dataclass(frozen=True, slots=True)
class RecordedTrack:
    """One audio track of a recording and whose it is.

    Attributes:
        participant: the speaker.
        frames: the track's audio, in order, its times from the start of the recording.
        duration_ms: length of the track in milliseconds, as far as its container tells.
    """

    participant: Participant
    frames: Iterator[AudioFrame]
    duration_ms: float


@dataclass(frozen=True, slots=True)
class RecordingPipeline:
    """What a recording is processed with.

    Attributes:
        ledger, tracks: the record.
        captions: the captioner.
        parallel_windows: windows that are transcribed at the same time.
        consents: asked before each caption is written, for consent may be taken back meanwhile.
        vocabulary: where the lesson's own words are read.
        pin: keeps a tenant's speech from models in another region.
    """

    ledger: Ledger
    tracks: TrackStore
    captions: CaptionService
    parallel_windows: int
    consents: ConsentStore
    vocabulary: VocabularyStore
    pin: RegionPin

    async def process(
        self, lesson: Lesson, recorded: Sequence[RecordedTrack], on_progress: Progress
    ) -> int:
        """Caption every track of a recording into the lesson's ledger.

        Returns:
            The number of final captions.

        Raises:
            UnsupportedMedia: a file broke off or cannot be decoded.
            Unavailable: the models stayed away.
            ConsentMissing: somebody's consent does not cover the recording.
            WrongRegion: the models run in another region than the tenant is bound to.
        """
        for track in recorded:
            consent = await self._consent(lesson, track.participant.id)
            consent.require(CAPTURED_FOR, track.participant.id)
        self.pin.require_models(lesson.tenant_id)
        lesson = await self._with_all_words(lesson)
        speakers = [await self._claim(lesson, track) for track in recorded]
        try:
            finals = await self._caption(lesson, speakers, recorded, on_progress)
        finally:
            await self._end(speakers, recorded)
        await on_progress(1.0)
        return finals

    async def _caption(
        self,
        lesson: Lesson,
        speakers: Sequence[Speaker],
        recorded: Sequence[RecordedTrack],
        on_progress: Progress,
    ) -> int:
        """Write what is said, and who speaks when, as it is heard; return the number of finals."""
        total_ms = max((track.duration_ms for track in recorded), default=0.0) or 1.0
        turns = {speaker.track_id: SpeakingTurns(speaker) for speaker in speakers}
        finals = 0

        async def hear(spoken: Spoken) -> Hypothesis | None:
            return await self._hear(lesson, *spoken)

        windows = _in_lesson_time(speakers, recorded)
        async with aclosing(in_order(windows, hear, self.parallel_windows)) as heard:
            async for (speaker, window), hypothesis in heard:
                consent = await self._consent(lesson, speaker.participant_id)
                if not all(consent.permits(purpose) for purpose in CAPTURED_FOR):
                    continue  # It was taken back since.
                drafts = turns[speaker.track_id].take(window)
                if hypothesis is not None and hypothesis.words:
                    drafts.append(_final(speaker, window, hypothesis))
                    finals += 1
                await self.ledger.append(speaker.tenant_id, speaker.lesson_id, drafts)
                await on_progress(min(1.0, window.end_ms / total_ms))
        return finals

    async def _end(self, speakers: Sequence[Speaker], recorded: Sequence[RecordedTrack]) -> None:
        for speaker, track in zip(speakers, recorded, strict=True):
            await self.tracks.end_track(
                speaker.tenant_id,
                speaker.lesson_id,
                speaker.track_id,
                ended_at_ms=round(track.duration_ms),
                reason="end of recording",
            )

    async def _with_all_words(self, lesson: Lesson) -> Lesson:
        """Return the lesson with all of its own words, not just those that it was created with."""
        terms = ranked_terms(await self.vocabulary.material(lesson.tenant_id, lesson.id))
        return lesson.model_copy(update={"vocabulary": [term.text for term in terms]})

    async def _consent(self, lesson: Lesson, participant_id: str) -> ParticipantConsent:
        return await self.consents.of_participant(lesson.tenant_id, lesson.id, participant_id)

    async def _claim(self, lesson: Lesson, recorded: RecordedTrack) -> Speaker:
        person = recorded.participant
        track = await self.tracks.claim_track(
            lesson.tenant_id,
            lesson.id,
            person.id,
            kind="audio",
            worker_id=None,
            published_at_ms=0,
            source="recording",
        )
        return Speaker(lesson.tenant_id, lesson.id, person.id, person.name, person.role, track.id)

    async def _hear(
        self, lesson: Lesson, speaker: Speaker, window: SpeechWindow
    ) -> Hypothesis | None:
        request = CaptionWindow(
            id=f"{speaker.track_id}/{window.utterance}",
            samples=window.samples,
            language=lesson.spoken_language,
            vocabulary=tuple(lesson.vocabulary),
            live=False,
        )
        try:
            return await PATIENCE.hear(self.captions, request)
        except InvalidInput as refusal:
            logger.error("track %s: window refused: %s", speaker.track_id, refusal)
            return None


def _final(speaker: Speaker, window: SpeechWindow, hypothesis: Hypothesis) -> EventDraft:
    return final_caption(speaker, new_id("cap"), 1, window, hypothesis, finalised_at_ms=None)


def _in_lesson_time(
    speakers: Sequence[Speaker], recorded: Sequence[RecordedTrack]
) -> Iterator[Spoken]:
    """The final windows of all tracks, those first that end first."""
    tracks = zip(speakers, recorded, strict=True)
    return heapq.merge(
        *(_spoken(speaker, track.frames) for speaker, track in tracks),
        key=lambda spoken: spoken[1].end_ms,
    )


def _spoken(speaker: Speaker, frames: Iterator[AudioFrame]) -> Iterator[Spoken]:
    return ((speaker, window) for window in final_windows(frames, CuttingSettings()))
