"""One pocketsphinx decoder: a window of samples in, timed words out. Runs in a decoder process."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pocketsphinx

from lessons.errors import Unavailable
from models.captions.interface import Word
from models.captions.lesson_vocabulary import lesson_words, pronounce, read_dictionary

FRAME_MS = 10
"""Length of a decoder frame, in milliseconds."""
DECODERS_KEPT = 4
"""Decoders that one process keeps loaded, at about 90 MB each."""
LESSON_WORD_WEIGHT = 1.0
"""Probability of a lesson's own word, in units of a uniform choice among the model's words."""
LESSON_MARK = "~lesson"
"""Ends the dictionary name of a lesson's own word, so that it does not clash with a listed one."""

FULL_SETTINGS: dict[str, Any] = {}
"""Decoder settings for finals: the stock ones."""
QUICK_SETTINGS: dict[str, Any] = {"maxhmmpf": 3000, "fwdflat": False}
"""Decoder settings for partials."""


@dataclass(frozen=True, slots=True)
class DecodingJob:
    """One window for a decoder.

    Attributes:
        pcm: 16-bit little-endian mono samples at 16 kHz.
        quick: whether speed matters more than accuracy.
        vocabulary: the lesson's own words.
    """

    pcm: bytes
    quick: bool
    vocabulary: tuple[str, ...]


class WindowDecoder:
    """The decoders of one process: quick and full ones, and some for lessons' own words."""

    def __init__(self) -> None:
        self._decoders: OrderedDict[tuple[bool, tuple[str, ...]], pocketsphinx.Decoder] = (
            OrderedDict()
        )
        self._entries: dict[str, list[str]] | None = None

    def decode(self, job: DecodingJob) -> tuple[Word, ...]:
        """Decode one window as a whole utterance, with cepstral means taken over all of it."""
        if not job.pcm:  # process_raw(b"") raises IndexError
            return ()
        decoder = self.load(job.quick, job.vocabulary)
        decoder.start_utt()
        decoder.process_raw(job.pcm, full_utt=True)
        decoder.end_utt()
        duration_ms = len(job.pcm) // 2 * 1000 // 16_000
        return _spoken_words(decoder.seg() or (), lesson_words(job.vocabulary), duration_ms)

    def load(self, quick: bool, vocabulary: tuple[str, ...] = ()) -> pocketsphinx.Decoder:
        """Return the decoder for these settings and words, loading it where it is not (0.4 s)."""
        key = (quick, vocabulary)
        if key not in self._decoders:
            while len(self._decoders) >= DECODERS_KEPT:
                self._decoders.popitem(last=False)
            self._decoders[key] = self._new_decoder(*key)
        self._decoders.move_to_end(key)
        return self._decoders[key]

    def _new_decoder(self, quick: bool, vocabulary: tuple[str, ...]) -> pocketsphinx.Decoder:
        settings = QUICK_SETTINGS if quick else FULL_SETTINGS
        decoder = pocketsphinx.Decoder(loglevel="FATAL", **settings)
        if vocabulary:
            self._add_words(decoder, vocabulary)
        return decoder

    def _add_words(self, decoder: pocketsphinx.Decoder, vocabulary: tuple[str, ...]) -> None:
        if self._entries is None:
            self._entries = read_dictionary(_dictionary_lines())
        model = decoder.get_lm()
        for word in lesson_words(vocabulary):
            for number, phones in enumerate(pronounce(word, self._entries), start=1):
                name = word.lower() + LESSON_MARK
                if number == 1:
                    model.add_word(name, LESSON_WORD_WEIGHT)
                decoder.add_word(name if number == 1 else f"{name}({number})", phones, True)


def _dictionary_lines() -> list[str]:
    path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise Unavailable(
            f"The offline model's dictionary cannot be read: {error}.",
            fix="Install pocketsphinx again; its wheel carries the dictionary.",
        ) from error


def _spoken_words(
    segments: Iterable[pocketsphinx.Segment], vocabulary: list[str], duration_ms: int
) -> tuple[Word, ...]:
    """Return the decoder's segments as words: fillers and pronunciation marks taken off."""
    spelling = {word.lower(): word for word in vocabulary}
    words = []
    for segment in segments:
        if segment.word.startswith(("<", "[", "++")):
            continue
        name = re.sub(r"\(\d+\)$", "", segment.word)
        plain = name.removesuffix(LESSON_MARK)
        words.append(
            Word(
                text=spelling.get(plain, plain),
                start_ms=min(segment.start_frame * FRAME_MS, duration_ms),
                end_ms=min((segment.end_frame + 1) * FRAME_MS, duration_ms),
                confidence=min(max(float(segment.prob), 0.0), 1.0),
            )
        )
    return tuple(words)
