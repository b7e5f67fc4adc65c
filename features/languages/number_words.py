"""Numbers in what is said and written: digits, words, fractions, decimals and percentages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from features.languages.language_words import NumberWords

_DIGITS = re.compile(r"\d+(?:,\d{3})+|\d+/\d+|\d+\.\d+|\d+")

Read = tuple[Fraction, int]
"""A number, and how many words it took."""


def number_at(words: Sequence[str], start: int, known: NumberWords) -> Read | None:
    """Read the number that begins at a place; None where none does.

    Args:
        words: lower case; digits as they stand (`3/4`, `1,200`, `0.75`).
        start: the place.
        known: how the language says numbers.
    """
    return (
        _article_and_part(words, start, known)
        or _cardinal_and_more(words, start, known)
        or _alone(words, start, known)
    )


def is_pronoun(words: Sequence[str], start: int, read: Read, known: NumberWords) -> bool:
    """Tell whether a number may be no number at all, as in `a smaller one`."""
    return read[1] == 1 and words[start] == known.pronoun


def _cardinal_and_more(words: Sequence[str], start: int, known: NumberWords) -> Read | None:
    whole = _digits(words, start) or _cardinal(words, start, known)
    if whole is None:
        return None
    value, length = whole
    after = start + length
    if value.denominator == 1 and value and (part := _denominator(words, after, known)):
        return value / part, length + 1
    return _mixed(words, after, known, whole) or _decimal(words, after, known, whole) or whole


def _digits(words: Sequence[str], start: int) -> Read | None:
    if not _DIGITS.fullmatch(words[start]):
        return None
    text = words[start].replace(",", "")
    if "/" in text and text.endswith("/0"):
        return None
    try:
        return Fraction(text), 1
    except ZeroDivisionError:
        return None


def _cardinal(words: Sequence[str], start: int, known: NumberWords) -> Read | None:
    """Read words such as `two hundred and forty`; `two four` are two numbers."""
    total, group, place = 0, 0, start
    last = 0  # What the next word must be smaller than, inside of a group.
    while place < len(words):
        word = words[place]
        if word in known.cardinals and _fits(known.cardinals[word], last, place == start):
            last = known.cardinals[word]
            group += last
        elif word in known.multipliers and group and known.multipliers[word] > last:
            group *= known.multipliers[word]
            last = known.multipliers[word]
            if last >= 1000:
                total, group = total + group, 0
        elif not _joins(words, place, known, last):
            break
        place += 1
    return (Fraction(total + group), place - start) if place > start else None


def _fits(value: int, last: int, first: bool) -> bool:
    """Tell whether a word goes on with a number: units after tens, anything after a hundred."""
    if first:
        return True
    return 0 < value < 10 if 20 <= last < 100 else last >= 100


def _joins(words: Sequence[str], place: int, known: NumberWords, last: int) -> bool:
    following = words[place + 1] if place + 1 < len(words) else ""
    return words[place] == known.joiner and last >= 100 and following in known.cardinals


def _denominator(words: Sequence[str], place: int, known: NumberWords) -> int | None:
    return known.denominators.get(words[place]) if place < len(words) else None


def _article_and_part(words: Sequence[str], start: int, known: NumberWords) -> Read | None:
    if words[start] not in known.articles or start + 1 >= len(words):
        return None
    if part := _denominator(words, start + 1, known):
        return Fraction(1, part), 2
    if words[start + 1] in known.multipliers:
        # `a hundred and forty` is read as `one hundred and forty`.
        return _cardinal([known.pronoun, *words[start + 1 :]], 0, known)
    return None


def _mixed(words: Sequence[str], place: int, known: NumberWords, whole: Read) -> Read | None:
    """Read `one and a half`, after its whole."""
    if place >= len(words) or words[place] != known.joiner or whole[0].denominator != 1:
        return None
    if place + 1 >= len(words):
        return None
    part = _article_and_part(words, place + 1, known) or _alone(words, place + 1, known)
    if part is None or part[0] >= 1:
        return None
    return whole[0] + part[0], whole[1] + 1 + part[1]


def _decimal(words: Sequence[str], place: int, known: NumberWords, whole: Read) -> Read | None:
    """Read `zero point seven five`, after its whole."""
    if place >= len(words) or words[place] != known.point:
        return None
    digits = ""
    for word in words[place + 1 :]:
        if known.cardinals.get(word, 10) > 9:
            break
        digits += str(known.cardinals[word])
    if not digits:
        return None
    return Fraction(f"{whole[0]}.{digits}"), whole[1] + 1 + len(digits)


def _alone(words: Sequence[str], start: int, known: NumberWords) -> Read | None:
    if words[start] in known.alone:
        return Fraction(1, known.denominators[words[start]]), 1
    return None
