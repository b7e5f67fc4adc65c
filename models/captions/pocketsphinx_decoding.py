"""One pocketsphinx decoder: a window of samples in, timed words out. Runs in a decoder process."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pocketsphinx

from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import Word
from models.captions.lesson_vocabulary import lesson_words, pronounce

FRAME_MS = 10
"""Length of a decoder frame, in milliseconds."""
DECODERS_KEPT = 3
"""Decoders that one process keeps loaded, at about 150 MB each: one for every vocabulary."""
LESSON_WORD_WEIGHT = 100.0
"""Unigram probability of a lesson's own word, as a multiple of one over the dictionary's size.

On 48 clips of flite speech, clean, noisy and with echo, 25 lesson words were recalled 32 times of
56 without this, 39 at a weight of 10, 43 at 100 and 44 at 1000, and none was heard wrongly.
"""
LESSON_WORDS_WEIGHT = 6_700.0
"""Most that all of a lesson's words may weigh together: a twentieth of the 134,865 listed."""
LESSON_MARK = "~lesson"
"""Ends the dictionary name of a lesson's own word, so that it does not clash with a listed one."""

QUICK_SEARCH, FULL_SEARCH = "quick", "_default"
"""Names of a decoder's two searches; pocketsphinx itself names the first one `_default`."""
QUICK_SETTINGS: dict[str, Any] = {"maxhmmpf": 3000, "fwdflat": False}
"""What the search for partials changes: fewer hypotheses in a frame, and one pass instead of two.

On the same flite speech: word error rate 31.7 % at 0.12 CPU-seconds per second of speech, against
30.6 % at 0.24 with the stock settings, and 40.7 % at 0.11 with `maxhmmpf 3000, topn 2, ds 2`.
"""


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
    """The decoders of one process: one for English at large, and those of lessons' own words."""

    def __init__(self) -> None:
        self._decoders: OrderedDict[tuple[str, ...], pocketsphinx.Decoder] = OrderedDict()

    def decode(self, job: DecodingJob) -> tuple[Word, ...]:
        """Decode one window as a whole utterance, with cepstral means taken over all of it."""
        if not job.pcm:  # process_raw(b"") raises IndexError
            return ()
        words = tuple(lesson_words(job.vocabulary))
        decoder = self.load(words)
        decoder.activate_search(QUICK_SEARCH if job.quick else FULL_SEARCH)
        decoder.start_utt()
        decoder.process_raw(job.pcm, full_utt=True)
        decoder.end_utt()
        duration_ms = len(job.pcm) // 2 * 1000 // SAMPLE_RATE
        return _spoken_words(decoder.seg() or (), words, duration_ms)

    def load(self, words: tuple[str, ...] = ()) -> pocketsphinx.Decoder:
        """Return the decoder that knows these words too, loading it where it is not (1 s)."""
        if words not in self._decoders:
            while len(self._decoders) >= DECODERS_KEPT:
                self._decoders.popitem(last=False)
            self._decoders[words] = self._new_decoder(words)
        self._decoders.move_to_end(words)
        return self._decoders[words]

    def _new_decoder(self, words: tuple[str, ...]) -> pocketsphinx.Decoder:
        """Load a decoder with two searches over one acoustic model, dictionary and grammar."""
        decoder = pocketsphinx.Decoder(loglevel="FATAL")
        if words:
            _add_words(decoder, words)
        for name, value in QUICK_SETTINGS.items():
            decoder.config[name] = value
        decoder.add_lm(QUICK_SEARCH, decoder.get_lm())
        return decoder


def _add_words(decoder: pocketsphinx.Decoder, words: tuple[str, ...]) -> None:
    """Put the lesson's words that can be pronounced into the language model and the dictionary."""
    weight = min(LESSON_WORD_WEIGHT, LESSON_WORDS_WEIGHT / len(words))
    model = decoder.get_lm()
    additions: list[tuple[str, str]] = []
    for word in words:
        name = word.lower() + LESSON_MARK
        for number, phones in enumerate(pronounce(word, decoder.lookup_word), start=1):
            if number == 1:
                model.add_word(name, weight)
            additions.append((name if number == 1 else f"{name}({number})", phones))
    for position, (name, phones) in enumerate(additions, start=1):
        decoder.add_word(name, phones, position == len(additions))  # the last rebuilds the search


def _spoken_words(
    segments: Iterable[pocketsphinx.Segment], lesson: Iterable[str], duration_ms: int
) -> tuple[Word, ...]:
    """Return the decoder's segments as words: fillers and pronunciation marks taken off."""
    spelling = {word.lower(): word for word in lesson}
    words = []
    for segment in segments:
        if segment.word.startswith(("<", "[", "++")):
            continue
        name = re.sub(r"\(\d+\)$", "", segment.word)
        plain = name.removesuffix(LESSON_MARK)
        words.append(
            Word(
                text=spelling.get(plain) or re.sub(r"^i(?=$|')", "I", plain),
                start_ms=min(segment.start_frame * FRAME_MS, duration_ms),
                end_ms=min((segment.end_frame + 1) * FRAME_MS, duration_ms),
                confidence=min(max(float(segment.prob), 0.0), 1.0),
            )
        )
    return tuple(words)
