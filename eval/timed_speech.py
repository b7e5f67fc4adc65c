"""Streams of speech for benchmarks: clips one after the other, and when each word was over.

Nobody wrote down when a word was said. So the times are those that a Whisper model finds when it
reads a clip offline and undivided, by its cross-attention: right within some 200 ms, and the same
for whoever is measured by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from faster_whisper import WhisperModel
from numpy.random import default_rng
from numpy.typing import NDArray

from eval.breathless_speech import read_samples
from eval.data import Clip
from eval.scoring import plain_words
from media_ingest.frames import SAMPLE_RATE

GAP_S = 1.2
"""Silence between two clips, and before the first."""
PAUSE_S = 1.0
"""A gap between two words after which everybody takes a sentence for over."""
SEED = 20_261_126


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word as it is compared (lower case, no punctuation), and its end in the stream, seconds."""

    text: str
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechStream:
    """What somebody says into one microphone.

    Attributes:
        samples: float32, shape (n,), -1..1, 16 kHz.
        reference: what is said, as somebody wrote it down.
        words: the words that a model hears offline, in order.
        sentences: places in `words` of the last word before each pause.
    """

    samples: NDArray[np.float32]
    reference: str
    words: tuple[TimedWord, ...]
    sentences: tuple[int, ...]

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class TimedClip:
    """A clip with the words that are heard in it; times from its start."""

    clip: Clip
    samples: NDArray[np.float32]
    words: tuple[TimedWord, ...]
    starts_s: tuple[float, ...]


def time_clips(clips: Sequence[Clip], model: WhisperModel, language: str) -> list[TimedClip]:
    """Read every clip offline."""
    timed = []
    for clip in clips:
        samples = read_samples(clip.path)
        segments, _ = model.transcribe(samples, language=language, word_timestamps=True)
        heard = [word for segment in segments for word in segment.words or ()]
        pairs = [
            (TimedWord(text, float(word.end)), float(word.start))
            for word in heard
            for text in plain_words(word.word)
        ]
        words, starts = zip(*pairs, strict=True) if pairs else ((), ())
        timed.append(TimedClip(clip, samples, tuple(words), tuple(starts)))
    return timed


def make_streams(timed: Sequence[TimedClip], count: int, seconds: float) -> list[SpeechStream]:
    """Return so many streams, each of clips in an order of its own, none longer than `seconds`.

    The first streams are the same for every `count`.
    """
    return [_stream(timed, seconds, SEED + number) for number in range(count)]


def _stream(timed: Sequence[TimedClip], seconds: float, seed: int) -> SpeechStream:
    gap = np.zeros(round(GAP_S * SAMPLE_RATE), np.float32)
    pieces, chosen, words, starts = [gap], [], list[TimedWord](), list[float]()
    for index in default_rng(seed).permutation(len(timed)):
        one = timed[index]
        offset_s = sum(map(len, pieces)) / SAMPLE_RATE
        if offset_s + len(one.samples) / SAMPLE_RATE + GAP_S > seconds:
            continue
        pieces += [one.samples, gap]
        chosen.append(one.clip.reference)
        words += [TimedWord(word.text, word.end_s + offset_s) for word in one.words]
        starts += [start + offset_s for start in one.starts_s]
    return SpeechStream(
        np.concatenate(pieces), " ".join(chosen), tuple(words), _sentence_ends(words, starts)
    )


def _sentence_ends(words: Sequence[TimedWord], starts: Sequence[float]) -> tuple[int, ...]:
    last = len(words) - 1
    return tuple(
        place
        for place, word in enumerate(words)
        if place == last or starts[place + 1] - word.end_s >= PAUSE_S
    )
