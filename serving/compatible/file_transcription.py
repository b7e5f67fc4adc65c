"""A media file to words, faster than real time: cut as live speech is, several windows at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from lessons.errors import InvalidInput, Overloaded
from media_ingest.frames import AudioFrame, SpeechWindow
from media_ingest.recording import RecordedAudio, read_recording
from media_ingest.utterances import CuttingSettings
from models.captions.interface import CaptionWindow, Hypothesis, Word
from serving.captioning.client import CaptionService
from serving.captioning.recorded_speech import Patience, final_windows, in_order
from serving.compatible.pulses import pulsed
from serving.live.caption_drafts import mean_confidence, on_lesson_clock

LONGEST_MINUTES = 120
"""Audio that one request may bring."""
PATIENCE = Patience(failures=20, rest_seconds=0.5, turn_seconds=300.0)
"""A file waits ten seconds for models that restart, for its client tries again by itself; for live
lessons it waits five minutes, half of what OpenAI's client waits for an answer."""
RETRY_AFTER_SECONDS = 60
"""When a file that waited in vain may come again; OpenAI's client waits no longer by itself."""
PULSE_SECONDS = 5.0
"""While nothing is heard it is looked so often whether anybody still waits."""

MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Segment:
    """What was said between two pauses; times are milliseconds from the start of the file."""

    words: tuple[Word, ...]

    @property
    def start_ms(self) -> int:
        """Start of the first word."""
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        """End of the last word."""
        return self.words[-1].end_ms

    @property
    def text(self) -> str:
        """The words joined by spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words, 0..1."""
        return mean_confidence(self.words)


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole file's words."""

    segments: tuple[Segment, ...]
    duration_seconds: float
    language: str

    @property
    def text(self) -> str:
        """Everything that was said, joined by spaces."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def words(self) -> tuple[Word, ...]:
        """Every word of the file."""
        return tuple(word for segment in self.segments for word in segment.words)


@dataclass(frozen=True, slots=True)
class FileTranscription:
    """What a file is transcribed with.

    Attributes:
        captions: the captioner.
        language: ISO 639-1 code.
        vocabulary: words to listen for.
        cutting: where speech is cut.
        at_once: windows that are transcribed at the same time.
        is_wanted: whether anybody still waits for the words.
    """

    captions: CaptionService
    language: str
    vocabulary: tuple[str, ...]
    cutting: CuttingSettings
    at_once: int
    is_wanted: Callable[[], Awaitable[bool]]

    async def progress(self, audio: RecordedAudio) -> AsyncGenerator[Segment | None, None]:
        """Yield what is said on an audio track, in order, as soon as it is known.

        Yields None where nothing was for `PULSE_SECONDS`. It ends early where nobody waits for it
        any more. Use it under `contextlib.aclosing`.

        Raises:
            InvalidInput: the file holds no audio that can be decoded, or too much.
            Overloaded: live lessons need the captioner, and have for as long as a file waits.
            Unavailable: the models stayed away.
        """
        windows = final_windows(_bounded(audio.frames()), self.cutting)
        heard = in_order(windows, self._hear, self.at_once)
        async with aclosing(pulsed(heard, PULSE_SECONDS)) as pulses:
            async for pulse in pulses:
                words = on_lesson_clock(pulse[1], pulse[0]) if pulse is not None else ()
                yield Segment(words) if words else None
                if not await self.is_wanted():
                    return

    async def transcript(self, audio: RecordedAudio) -> Transcript:
        """Return all that is said on an audio track; raises as `progress`."""
        async with aclosing(self.progress(audio)) as told:
            return self.whole(audio, [segment async for segment in told if segment is not None])

    def whole(self, audio: RecordedAudio, segments: Sequence[Segment]) -> Transcript:
        """Put together what `progress` told."""
        return Transcript(tuple(segments), _duration_seconds(audio, segments), self.language)

    async def _hear(self, window: SpeechWindow) -> Hypothesis:
        request = CaptionWindow(
            id=f"file/{window.utterance}",
            samples=window.samples,
            language=self.language,
            vocabulary=self.vocabulary,
            live=False,
        )
        try:
            return await PATIENCE.hear(self.captions, request)
        except Overloaded as busy:
            raise Overloaded(
                f"Live lessons have needed the captioner for {PATIENCE.turn_seconds:.0f} s.",
                fix="Send the file again later.",
                retry_after_seconds=RETRY_AFTER_SECONDS,
            ) from busy


async def open_audio(path: Path) -> RecordedAudio:
    """Look into a media file for its first audio track; decodes nothing yet.

    Raises:
        InvalidInput: the file is empty, or longer than `LONGEST_MINUTES`.
        UnsupportedMedia: it is no media that FFmpeg knows, or has no audio.
    """
    recording = await asyncio.to_thread(read_recording, path)
    track = recording.tracks[0]
    _require_length(track.duration_ms or 0.0)
    return track


def _duration_seconds(audio: RecordedAudio, segments: Sequence[Segment]) -> float:
    """Return the file's length; where its container does not tell, the end of the last word."""
    told = audio.duration_ms or (segments[-1].end_ms if segments else 0.0)
    return round(told / MILLISECONDS, 3)


def _bounded(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """The frames of a track, whose container may have told a shorter length."""
    for frame in frames:
        _require_length(frame.end_ms)
        yield frame


def _require_length(duration_ms: float) -> None:
    if duration_ms > LONGEST_MINUTES * 60 * MILLISECONDS:
        raise InvalidInput(
            f"The audio is longer than {LONGEST_MINUTES} minutes.",
            field="file",
            fix="Send it in parts, or as a recording of a lesson.",
        )
