"""Windows of speech through Whisper in batches, and those that came out badly once more."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.transcribe import Segment

from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import CaptionWindow, Word
from models.captions.short_encoding import (
    FULL_FRAMES,
    MARGIN_FRAMES,
    ShortEncodingPipeline,
    is_whole,
)
from models.captions.speech_evidence import SpeechEvidence

NO_SPEECH_PROBABILITY = 0.6
"""Above it the model itself takes the window for something else than speech..."""
SURE_LOG_PROBABILITY = -0.5
"""... and is believed, unless the mean natural log-probability of its text's tokens is above this.

Whisper asks for -1.0 here, which says nothing more than the next limit does."""
LEAST_LOG_PROBABILITY = -1.0
"""Mean natural log-probability of a token below which a text is decoded again."""
MOST_COMPRESSION = 2.4
"""Compression ratio of a text above which it repeats itself and is decoded again."""
FALLBACK_TEMPERATURES = (0.2, 0.4, 0.6)
TOKENS_PER_SECOND = 20
"""More tokens than anybody says in a second: a text that needs more is a loop."""
MOST_TOKENS = 220
"""Tokens of text that fit beside a full prompt into Whisper's 448."""
FRAMES_PER_SECOND = 100
"""Of Whisper's spectrograms."""
GRID_SAMPLES = 320
"""Windows of one batch start on this grid: 20 ms, Whisper's time step."""


class Doubt(Enum):
    """Why a text is not believed."""

    REPEATS = "repeats itself"
    IMPROBABLE = "improbable, or no speech"


@dataclass(frozen=True, slots=True)
class DecodingGroup:
    """What windows must share to go through the model together: the prompt is made of it."""

    language: str
    vocabulary: tuple[str, ...]
    final: bool


class WhisperDecoder:
    """Decodes groups of windows. Calls may run side by side, as the model allows.

    Args:
        model: a loaded model.
        beam_size: hypotheses kept while decoding a final.
        batch_size: most windows that go through the model together.
        short: whether the encoder first reads little more than a window holds
            (`short_encoding.py`).
    """

    def __init__(
        self, model: WhisperModel, *, beam_size: int, batch_size: int, short: bool
    ) -> None:
        self._model = model
        self._beam_size = beam_size
        self._batch_size = batch_size
        self._short = short

    def decode(
        self,
        group: DecodingGroup,
        windows: Sequence[CaptionWindow],
        evidence: Sequence[SpeechEvidence],
    ) -> list[tuple[Word, ...]]:
        """Return the words of each window, with times from its start and inside it."""
        pipeline = ShortEncodingPipeline if self._short else BatchedInferencePipeline
        readings = self._read(pipeline, group, windows)
        if self._short and group.final:
            self._read_in_full(group, windows, evidence, readings)
        return [
            self._words_of(reading, group, window)
            for reading, window in zip(readings, windows, strict=True)
        ]

    def _read_in_full(
        self,
        group: DecodingGroup,
        windows: Sequence[CaptionWindow],
        evidence: Sequence[SpeechEvidence],
        readings: list[_Reading],
    ) -> None:
        """Read those again on thirty seconds that are doubtful, lack something or repeat it."""
        places = [
            place
            for place, reading in enumerate(readings)
            if not reading.is_kept(evidence[place]) and not _fills_up(windows[place])
        ]
        if places:
            again = self._read(
                BatchedInferencePipeline, group, [windows[place] for place in places]
            )
            for place, reading in zip(places, again, strict=True):
                readings[place] = reading

    def _words_of(
        self, reading: _Reading, group: DecodingGroup, window: CaptionWindow
    ) -> tuple[Word, ...]:
        """Return what is to be believed of a window's last reading."""
        if reading.doubt is None:
            return reading.words
        # A sample is less likely than the model's first choice: it helps out of a loop only.
        if group.final and reading.doubt is Doubt.REPEATS:
            return self._decode_again(group, window)
        return ()

    def _read(
        self,
        pipeline: type[BatchedInferencePipeline],
        group: DecodingGroup,
        windows: Sequence[CaptionWindow],
    ) -> list[_Reading]:
        """Decode the windows in batches, at the model's first choice."""
        audio, starts = _end_to_end(windows)
        clips = [
            {"start": start / SAMPLE_RATE, "end": (start + len(window.samples)) / SAMPLE_RATE}
            for start, window in zip(starts, windows, strict=True)
        ]
        # A pipeline keeps state while it transcribes, so that calls side by side need one each.
        segments, _ = pipeline(self._model).transcribe(
            audio,
            vad_filter=False,
            clip_timestamps=clips,
            batch_size=self._batch_size,
            temperature=0.0,
            **self._options(group, windows),
        )
        by_window: dict[int, list[Segment]] = defaultdict(list)
        for segment in segments:
            by_window[segment.seek].append(segment)
        readings = []
        for start, window in zip(starts, windows, strict=True):
            found = by_window[start * self._model.frames_per_second // SAMPLE_RATE]
            words = _words(found, 1000 * start // SAMPLE_RATE, len(window.samples))
            doubts = [doubt for segment in found if (doubt := doubt_of(segment)) is not None]
            readings.append(_Reading(words, doubts[0] if doubts else None))
        return readings

    def _decode_again(self, group: DecodingGroup, window: CaptionWindow) -> tuple[Word, ...]:
        """Decode one window at rising temperatures, keeping only what passes Whisper's checks."""
        segments, _ = self._model.transcribe(
            window.samples,
            temperature=FALLBACK_TEMPERATURES,
            best_of=self._beam_size,  # Five samples each, its default, hold up every other lesson.
            no_speech_threshold=NO_SPEECH_PROBABILITY,
            log_prob_threshold=LEAST_LOG_PROBABILITY,
            compression_ratio_threshold=MOST_COMPRESSION,
            **self._options(group, [window]),
        )
        found = [segment for segment in segments if doubt_of(segment) is None]
        return _words(found, 0, len(window.samples))

    def _options(self, group: DecodingGroup, windows: Sequence[CaptionWindow]) -> dict[str, Any]:
        longest_s = max(len(window.samples) for window in windows) / SAMPLE_RATE
        return {
            "language": group.language,
            "task": "transcribe",  # what was said, in the language it was said in
            "beam_size": self._beam_size if group.final else 1,
            "condition_on_previous_text": False,
            "word_timestamps": True,
            "without_timestamps": True,
            "hotwords": ", ".join(group.vocabulary) or None,
            "max_new_tokens": min(math.ceil((longest_s + 1) * TOKENS_PER_SECOND), MOST_TOKENS),
        }


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a batch gave for a window, and what Whisper's own measures say against it."""

    words: tuple[Word, ...]
    doubt: Doubt | None

    def is_kept(self, evidence: SpeechEvidence) -> bool:
        """Whether reading the window once more would be wasted."""
        return self.doubt is None and is_whole(self.words, evidence)


def _fills_up(window: CaptionWindow) -> bool:
    """Whether the short reading of a window was one of thirty seconds already."""
    frames = FRAMES_PER_SECOND * len(window.samples) // SAMPLE_RATE
    return frames + MARGIN_FRAMES >= FULL_FRAMES


def _end_to_end(windows: Sequence[CaptionWindow]) -> tuple[np.ndarray, list[int]]:
    """Return the windows joined into one array, and the sample at which each starts in it."""
    starts, pieces, length = [], [], 0
    for window in windows:
        starts.append(length)
        padding = -len(window.samples) % GRID_SAMPLES
        pieces.append(np.pad(window.samples, (0, padding)))
        length += len(pieces[-1])
    return np.concatenate(pieces), starts


def doubt_of(segment: Segment) -> Doubt | None:
    """Return why Whisper's own measures say that the text is not what was said, if they do.

    A batch is decoded without them (`BatchedInferencePipeline` takes the limits and ignores them),
    so they are applied here, to each window's text.
    """
    if segment.compression_ratio > MOST_COMPRESSION:
        return Doubt.REPEATS
    silent = segment.no_speech_prob > NO_SPEECH_PROBABILITY
    least = SURE_LOG_PROBABILITY if silent else LEAST_LOG_PROBABILITY
    return Doubt.IMPROBABLE if segment.avg_logprob < least else None


def _words(segments: Iterable[Segment], offset_ms: int, samples_count: int) -> tuple[Word, ...]:
    """Return the words of one window, with times from its start and inside it."""
    duration_ms = 1000 * samples_count // SAMPLE_RATE
    words = []
    for word in (word for segment in segments for word in segment.words or ()):
        text = word.word.strip()
        start_ms = min(max(round(1000 * word.start) - offset_ms, 0), duration_ms)
        end_ms = min(max(round(1000 * word.end) - offset_ms, start_ms), duration_ms)
        if text:
            confidence = min(max(float(word.probability), 0.0), 1.0)
            words.append(Word(text, start_ms, end_ms, confidence))
    return tuple(words)
