"""How well words hang together: where they were heard wrong they do not, however sure it seemed.

A word that somebody said is likelier after the two before it than by itself; a word that was heard
in place of another is not. What a word gains by those before it, in nats, does not depend on how
rare it is, so that lessons with words of their own do not look as if they had been misheard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from statistics import fmean

import pocketsphinx

from models.summaries.tokens import sentences_in

LANGUAGE = "en"
MODEL = "en-us/en-us.lm.bin"
"""Trigrams of general English in pocketsphinx's wheel, under its BSD licence: 27 MB."""

SENTENCE_BEGINS = "<s>"
HISTORY = 2
UNKNOWN = 1e-30
"""Probability under which a word is none that the model knows."""

LEAST_WORDS = 100
"""Words with something before them from which a lesson's mean says anything."""

COHERENT = 0.6
"""What a word gains by those before it, in nats, below which a lesson's captions were misheard.

Between lessons written for tuning as they are (0.9 and more) and with one word of five wrong (0.45
and less), whatever the confidence of their captions says.
"""

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+")


def coherence_of(texts: Iterable[str], language: str) -> float | None:
    """Return what a word gains by the two before it, on average, in nats.

    None where the language is not one that is known, or there are too few words to tell.
    """
    if language != LANGUAGE:
        return None
    gains = [gain for text in texts for gain in gains_of(text)]
    return fmean(gains) if len(gains) >= LEAST_WORDS else None


def gains_of(text: str) -> list[float]:
    """Return what each word gains by those before it in its sentence; unknown words are left out.

    So are words behind one that is unknown, such as a number in digits.
    """
    return [gain for sentence in sentences_in(text) for gain in _gains(_words(sentence))]


def _gains(words: Sequence[str]) -> Iterator[float]:
    model = _trigrams()
    before = [SENTENCE_BEGINS]
    for word in words:
        alone = model.probability([word])
        if alone is None:
            before = []
            continue
        together = model.probability([word, *reversed(before)]) if before else None
        if together is not None:
            yield together - alone
        before = [*before, word][-HISTORY:]


def _words(sentence: str) -> list[str]:
    return _WORD.findall(sentence.lower())


class _Trigrams:
    """The model that the offline caption engine carries."""

    def __init__(self) -> None:
        self._logarithms = pocketsphinx.LogMath()
        self._model = pocketsphinx.NGramModel(
            pocketsphinx.Config(loglevel="FATAL"),
            self._logarithms,
            pocketsphinx.get_model_path(MODEL),
        )
        self._unknown = self._logarithms.log(UNKNOWN)

    def probability(self, words: Sequence[str]) -> float | None:
        """Return the logarithm of a word's probability; None for one that is unknown.

        Args:
            words: the word, then those before it, the nearest first.
        """
        found = self._model.prob(list(words))
        return None if found <= self._unknown else float(self._logarithms.log_to_ln(found))


@cache
def _trigrams() -> _Trigrams:
    """Load the model when it is first asked (0.1 s)."""
    return _Trigrams()
