"""Words, numbers and names in what was said, so that they can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from features.reading.cue_language import CUE_LANGUAGES, CueLanguage
from lessons.vocabulary.ordinary import is_function_word

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TOKEN = re.compile(r"(?<![\w./])-?\d+(?:[.,]\d+)*(?:\s*/\s*\d+)?%?|[^\W\d_]+(?:['’][^\W\d_]+)*")
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without punctuation."""
    return tuple(word.replace("’", "'") for word in _WORD.findall(text.lower()))


def has_phrase(text: str, phrases: Iterable[str]) -> bool:
    """Tell whether one of the phrases stands in a text, as whole words."""
    padded = f" {' '.join(words_of(text))} "
    return any(f" {phrase} " in padded for phrase in phrases)


def begins_with(text: str, phrases: Iterable[str]) -> bool:
    """Tell whether a text begins with one of the phrases, as whole words."""
    padded = f"{' '.join(words_of(text))} "
    return any(padded.startswith(f"{phrase} ") for phrase in phrases)


def content_words(text: str, language: str) -> frozenset[str]:
    """Return the words of a text that are not grammar's own."""
    return frozenset(word for word in words_of(text) if not is_function_word(word, language))


def overlap(said: str, reply: str, language: str) -> float:
    """Return which share of the content words of `said` comes again in `reply`, 0..1."""
    first = content_words(said, language)
    if not first:
        return 0.0
    return len(first & content_words(reply, language)) / len(first)


def names_in(text: str, names: Iterable[str]) -> frozenset[str]:
    """Return those of the names that stand in a text: whole, or their first word alone.

    Capitals count, so that `will` is nobody's name and `Will` is.
    """
    found = set()
    for name in names:
        first = name.split()[0] if name.split() else name
        if any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text) for one in (name, first) if one):
            found.add(name)
    return frozenset(found)


def numbers_of(text: str, language: str = "en") -> list[Fraction]:
    """Return the numbers in a text in order, exactly: `three quarters`, `3/4` and `0.75` are equal.

    Spoken numbers are those below a hundred and fractions of them; ordinals are numbers only as the
    parts of a fraction (`one third`, `a half`, `two fifths`).
    """
    cues = CUE_LANGUAGES.get(language)
    tokens = [token.replace("’", "'") for token in _TOKEN.findall(text.lower())]
    return list(_numbers(tokens, cues))


def _numbers(tokens: list[str], cues: CueLanguage | None) -> Iterator[Fraction]:
    at = 0
    while at < len(tokens):
        if tokens[at].lstrip("-")[0].isdigit():
            value, taken = _written(tokens[at]), 1
        elif cues is not None:
            value, taken = _spoken(tokens[at:], cues)
        else:
            value, taken = None, 1
        if value is not None:
            yield value
        at += taken


def _written(token: str) -> Fraction | None:
    plain = token.replace(" ", "").removesuffix("%")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    top, _, bottom = plain.replace(",", ".").partition("/")
    try:
        value = Fraction(top) / Fraction(bottom or 1)
    except (ValueError, ZeroDivisionError):
        return None
    return value / 100 if token.endswith("%") else value


def _spoken(tokens: list[str], cues: CueLanguage) -> tuple[Fraction | None, int]:
    """Return the number that tokens begin with, if any, and how many of them it takes."""
    whole, taken = _whole(tokens, cues)
    part = cues.fractions.get(tokens[taken]) if taken < len(tokens) else None
    if whole is not None and part is not None:
        return Fraction(whole, part), taken + 1
    if whole is not None:
        return Fraction(whole), taken
    if tokens[0] in ("a", "an") and len(tokens) > 1 and tokens[1] in cues.fractions:
        return Fraction(1, cues.fractions[tokens[1]]), 2
    return None, 1


def _whole(tokens: list[str], cues: CueLanguage) -> tuple[int | None, int]:
    value = cues.numbers.get(tokens[0])
    if value is None:
        return None, 0
    unit = cues.numbers.get(tokens[1]) if len(tokens) > 1 else None
    if value >= 20 and value % 10 == 0 and unit is not None and 0 < unit < 10:
        return value + unit, 2
    return value, 1
