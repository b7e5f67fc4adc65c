"""Words and numbers in what was said, so that they can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from features.languages.language_words import NO_NUMBER_WORDS, NumberWords, words_if_known
from features.languages.number_words import number_at
from features.languages.phrases import words_in
from lessons.vocabulary.ordinary import is_function_word

_TOKEN = re.compile(r"(?<![\w./])-?\d+(?:[.,]\d+)*(?:\s*/\s*\d+)?%?|[^\W\d_]+(?:['’][^\W\d_]+)*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def content_words(text: str, language: str) -> frozenset[str]:
    """Return the words of a text that are not grammar's own."""
    return frozenset(word for word in words_in(text) if not is_function_word(word, language))


def numbers_of(text: str, language: str = "en") -> list[Fraction]:
    """Return the numbers in a text in order, exactly: `three quarters`, `3/4` and `75%` are equal.

    Ordinals are numbers only as the parts of a fraction (`one third`, `a half`, `two fifths`).
    """
    known = words_if_known(language)
    tokens = [token.replace("’", "'") for token in _TOKEN.findall(text.lower())]
    return list(_numbers(tokens, known.numbers if known else NO_NUMBER_WORDS))


def _numbers(tokens: list[str], known: NumberWords) -> Iterator[Fraction]:
    plain = [_plain(token) for token in tokens]
    at = 0
    while at < len(tokens):
        value, taken = number_at(plain, at, known) or (None, 1)
        if value is not None:
            token = tokens[at]
            yield value * (-1 if token[0] == "-" else 1) / (100 if token[-1] == "%" else 1)
        at += taken


def _plain(token: str) -> str:
    """Return a number without sign, percent and separators, and any other token as it is."""
    bare = token.replace(" ", "").removesuffix("%").removeprefix("-")
    return bare.replace(",", "" if _GROUPED.fullmatch(bare) else ".")
