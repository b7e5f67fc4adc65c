"""A media file to words, faster than real time: cut as live speech is, several windows at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lessons.errors import InvalidInput, Unavailable
from media_ingest.frames import SpeechWindow
from media_ingest.recording import RecordedAudio, read_recording
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.interface import CaptionWindow, Hypothesis, Word
from serving.captioning.client import CaptionService
from serving.live.caption_drafts import mean_confidence, on_lesson_clock

LONGEST_MINUTES = 120
"""Audio that one request may bring."""
RETRY_SECONDS = 0.5
RETRIES = 20
"""A file waits ten seconds for models that restart; its client tries again by itself."""

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

    async def segments(self, audio: RecordedAudio) -> AsyncIterator[Segment]:
        """Yield what is said on an audio track, in order, as soon as it is known.

        It ends early where nobody waits for it any more.

        Raises:
            InvalidInput: the file holds no audio that can be decoded, or too much.
            Unavailable: the models stayed away.
        """
        windows = _windows(audio, self.cutting)
        flying: deque[tuple[SpeechWindow, asyncio.Task[Hypothesis]]] = deque()
        try:
            while True:
                window = await asyncio.to_thread(next, windows, None)
                if window is not None:
                    flying.append((window, asyncio.create_task(self._hear(window))))
                if flying and (window is None or len(flying) > self.at_once):
                    heard, task = flying.popleft()
                    words = on_lesson_clock(await task, heard)
                    if words:
                        yield Segment(words)
                if (window is None and not flying) or not await self.is_wanted():
                    return
        finally:
            for _, task in flying:
                task.cancel()

    async def _hear(self, window: SpeechWindow) -> Hypothesis:
        request = CaptionWindow(
            id=f"file/{window.utterance}",
            samples=window.samples,
            language=self.language,
            vocabulary=self.vocabulary,
            live=False,
        )
        for _ in range(RETRIES):
            try:
                return await self.captions.transcribe(request)
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)
        return await self.captions.transcribe(request)


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


def duration_seconds(audio: RecordedAudio, segments: tuple[Segment, ...]) -> float:
    """Return the file's length; where its container does not tell, the end of the last word."""
    told = audio.duration_ms or (segments[-1].end_ms if segments else 0.0)
    return round(told / MILLISECONDS, 3)


def _windows(audio: RecordedAudio, cutting: CuttingSettings) -> Iterator[SpeechWindow]:
    """The final windows of a track: nobody needs partials of a file."""
    cutter = UtteranceCutter(SpeechGate(), cutting)
    for frame in audio.frames():
        _require_length(frame.end_ms)
        yield from (window for window in cutter.feed(frame) if window.ends_utterance)
    yield from cutter.finish()


def _require_length(duration_ms: float) -> None:
    if duration_ms > LONGEST_MINUTES * 60 * MILLISECONDS:
        raise InvalidInput(
            f"The audio is longer than {LONGEST_MINUTES} minutes.",
            field="file",
            fix="Send it in parts, or as a recording of a lesson.",
        )
