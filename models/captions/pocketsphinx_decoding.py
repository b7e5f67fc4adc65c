"""One pocketsphinx decoder: a window of samples in, timed words out. Runs in a decoder process."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pocketsphinx

from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import Word
from models.captions.lesson_vocabulary import (
    LessonEntry,
    Pronouncer,
    lesson_entries,
    words_of,
)
from models.captions.letter_to_phone import shipped_letter_to_phone

FRAME_MS = 10
"""Length of a decoder frame, in milliseconds."""
DECODERS_KEPT = 3
"""Decoders that one process keeps loaded, at about 150 MB each: one for every vocabulary."""
SIMILAR = 0.5
"""Share of terms in common from which a loaded vocabulary stands in for one that is not loaded yet:
it is the same lesson's, before its words changed."""
LESSON_WORD_WEIGHT = 100.0
"""Unigram probability of a lesson's own word or phrase, as a multiple of one over the number of
words in the language model.

Chosen on 48 clips of flite speech, clean, noisy and with echo, before phrases and letters came to
it: 25 lesson words were recalled 32 times of 56 without, 39 at a weight of 10, 43 at 100 and 44 at
1000, and none was heard wrongly. `python -m eval.lesson_vocabulary` measures on other sentences.
"""
LESSON_WORDS_WEIGHT = 6_700.0
"""Most that all of a lesson's words and phrases may weigh together."""
LIKELY = 2.6e-5
"""Unigram probability of the 2,500th likeliest word: from here on a word needs no help."""
LESSON_MARK = "~lesson"
"""Ends the dictionary name of a lesson's own word, so that it does not clash with a listed one."""

QUICK_SEARCH, FULL_SEARCH = "quick", "full"
"""Names of a decoder's two searches."""
QUICK_SETTINGS: dict[str, Any] = {"maxhmmpf": 3000, "fwdflat": False}
"""What the search for partials changes: fewer hypotheses in a frame, and one pass instead of two.

On 48 clips of flite speech: word error rate 31.7 % at 0.12 CPU-seconds per second of speech,
against 30.6 % at 0.24 with the stock settings, and 40.7 % at 0.11 with `maxhmmpf 3000, topn 2,
ds 2`.
"""


@dataclass(frozen=True, slots=True)
class DecodingJob:
    """One window for a decoder.

    Attributes:
        pcm: 16-bit little-endian mono samples at 16 kHz.
        quick: whether speed matters more than accuracy.
        vocabulary: the lesson's own words.
        may_load: whether the process may be busy afterwards, to load what the window lacked.
    """

    pcm: bytes
    quick: bool
    vocabulary: tuple[str, ...]
    may_load: bool = True


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A decoder, and the lesson's own words in it by the name that it gives them."""

    decoder: pocketsphinx.Decoder
    entries: Mapping[str, LessonEntry]

    def decode(self, job: DecodingJob) -> list[pocketsphinx.Segment]:
        """Return the segments of one window."""
        self.decoder.activate_search(QUICK_SEARCH if job.quick else FULL_SEARCH)
        self.decoder.start_utt()
        self.decoder.process_raw(job.pcm, full_utt=True)
        self.decoder.end_utt()
        return list(self.decoder.seg() or ())

    def shows_more_than(
        self, vocabulary: Iterable[str], segments: Iterable[pocketsphinx.Segment]
    ) -> bool:
        """Tell whether the segments hold lesson's words that are not of this vocabulary."""
        known = {word.lower() for term in vocabulary for word in words_of(term)}
        found = (self.entries.get(_plain_name(segment)) for segment in segments)
        return any(word.lower() not in known for entry in found if entry for word in entry.words)


Terms = frozenset[str]


class WindowDecoder:
    """The decoders of one process: one for English at large, and those of lessons' own words.

    A lesson's words change while people speak. Then the decoder with its words so far goes on,
    and the new one is loaded between windows: `due` tells, `load_due` does it. What only the words
    so far hold is never shown, for they may be those of another lesson that is much alike.
    """

    def __init__(self) -> None:
        self._loaded: OrderedDict[Terms, _Loaded] = OrderedDict()
        self._due: Terms | None = None

    @property
    def due(self) -> bool:
        """Whether the last window would have liked a decoder that is not loaded yet."""
        return self._due is not None

    def decode(self, job: DecodingJob) -> tuple[Word, ...]:
        """Decode one window as a whole utterance, with cepstral means taken over all of it."""
        if not job.pcm:  # process_raw(b"") raises IndexError
            return ()
        terms = frozenset(job.vocabulary)
        loaded = self._for_now(terms, job.vocabulary)
        segments = loaded.decode(job)
        if self.due and loaded.shows_more_than(job.vocabulary, segments):
            self.load_due()
            loaded = self._loaded[terms]
            segments = loaded.decode(job)
        duration_ms = len(job.pcm) // 2 * 1000 // SAMPLE_RATE
        return tuple(_spoken_words(segments, loaded.entries, duration_ms))

    def load(self, vocabulary: Sequence[str] = ()) -> None:
        """Load the decoder that knows these words too (0.7 s of CPU); the oldest one makes room."""
        while len(self._loaded) >= DECODERS_KEPT:
            self._loaded.popitem(last=False)
        self._loaded[frozenset(vocabulary)] = _new_decoder(vocabulary)

    def load_due(self) -> None:
        """Load what the last window lacked."""
        if self._due is not None:
            self.load(sorted(self._due))
            self._due = None

    def _for_now(self, terms: Terms, vocabulary: Sequence[str]) -> _Loaded:
        """Return the decoder for these terms or, for now, the lesson's last; or load it."""
        self._due = None
        if terms not in self._loaded:
            nearest = max(self._loaded, key=lambda other: _likeness(terms, other), default=terms)
            if _likeness(terms, nearest) >= SIMILAR and nearest != terms:
                self._due = terms
                terms = nearest
            else:
                self.load(vocabulary)
        self._loaded.move_to_end(terms)
        return self._loaded[terms]


def _likeness(first: Terms, second: Terms) -> float:
    """Return the share of terms that two vocabularies have in common (Jaccard)."""
    return len(first & second) / (len(first | second) or 1)


def _new_decoder(vocabulary: Sequence[str]) -> _Loaded:
    """Load a decoder with two searches over one acoustic model, dictionary and grammar.

    The words go in before the searches are made, for each search that has to be made anew costs
    a quarter of a second.
    """
    decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
    model = pocketsphinx.NGramModel(
        decoder.config, decoder.get_logmath(), pocketsphinx.get_model_path("en-us/en-us.lm.bin")
    )
    likely = decoder.get_logmath().log(LIKELY)
    pronouncer = Pronouncer(decoder.lookup_word, shipped_letter_to_phone().pronounce)
    found = lesson_entries(vocabulary, pronouncer, lambda word: model.prob([word]) >= likely)
    entries = {_name(entry): entry for entry in found}
    weight = min(LESSON_WORD_WEIGHT, LESSON_WORDS_WEIGHT / (len(entries) or 1))
    for name, entry in entries.items():
        model.add_word(name, weight)
        for number, phones in enumerate(entry.pronunciations, start=1):
            variant = name if number == 1 else f"{name}({number})"
            decoder.add_word(variant, " ".join(phones), False)
    decoder.add_lm(FULL_SEARCH, model)
    for setting, value in QUICK_SETTINGS.items():
        decoder.config[setting] = value
    decoder.add_lm(QUICK_SEARCH, model)
    return _Loaded(decoder, entries)


def _name(entry: LessonEntry) -> str:
    return "_".join(entry.words).lower() + LESSON_MARK


def _plain_name(segment: pocketsphinx.Segment) -> str:
    """Return the segment's word without the number of its pronunciation."""
    return re.sub(r"\(\d+\)$", "", segment.word)


def _spoken_words(
    segments: Iterable[pocketsphinx.Segment], entries: Mapping[str, LessonEntry], duration_ms: int
) -> Iterator[Word]:
    """Give the decoder's segments as words: fillers and pronunciation marks taken off."""
    for segment in segments:
        if segment.word.startswith(("<", "[", "++")):
            continue
        name = _plain_name(segment)
        confidence = min(max(float(segment.prob), 0.0), 1.0)
        place = partial(_on_window, segment.start_frame, segment.end_frame + 1, duration_ms)
        entry = entries.get(name)
        if entry is None:
            yield Word(re.sub(r"^i(?=$|')", "I", name), place(0), place(1), confidence)
            continue
        ends = _shares(entry)
        for word, begin, end in zip(entry.words, (0.0, *ends), ends, strict=False):
            yield Word(word, place(begin), place(end), confidence)


def _on_window(start_frame: int, end_frame: int, duration_ms: int, share: float) -> int:
    """Return the time at a share of a segment, in milliseconds within the window."""
    frame = start_frame + share * (end_frame - start_frame)
    return min(round(frame * FRAME_MS), duration_ms)


def _shares(entry: LessonEntry) -> list[float]:
    """Return where each word of a phrase ends, as shares of it: by its number of phones."""
    lengths = [len(phones.split()) for phones in entry.pronunciations[0]]
    return [sum(lengths[:count]) / sum(lengths) for count in range(1, len(lengths) + 1)]
