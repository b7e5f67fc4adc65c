"""Pronunciations of a lesson's own words, from the dictionary that the offline model carries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

SHORTEST_PART = 3
"""Letters of the shortest dictionary word that a compound is made of."""
LONGEST_ACRONYM = 5
"""Letters of the longest word in capitals that is spelt out when the dictionary lacks it."""

MOST_VARIANTS = 4
"""Pronunciations of one word that are taken over."""

Lookup = Callable[[str], str | None]
"""Gives the ARPAbet phones of a lower-case dictionary word, `word(2)` for a variant, or None."""


def lesson_words(vocabulary: Iterable[str]) -> list[str]:
    """Return the single words of a vocabulary of words and phrases, in order, each once."""
    words = (word for term in vocabulary for word in re.findall(r"[^\W\d_][\w'’]*", term))
    return list({word.lower(): word.replace("’", "'") for word in words}.values())


def pronounce(word: str, lookup: Lookup) -> list[str]:
    """Return how a word may be said, as ARPAbet phones; empty where the dictionary cannot tell.

    A word that is not listed is read as a compound of two listed words (`subtopic`), or spelt out
    when it is a short one in capitals (`RLC`).
    """
    first = lookup(word.lower())
    if first:
        numbered = (lookup(f"{word.lower()}({number})") for number in range(2, MOST_VARIANTS + 1))
        return [first, *filter(None, numbered)]
    if word.isupper() and len(word) <= LONGEST_ACRONYM:
        letters = [lookup(f"{letter.lower()}.") for letter in word]
        return [" ".join(filter(None, letters))] if all(letters) else []
    return _as_compound(word.lower(), lookup)


def _as_compound(word: str, lookup: Lookup) -> list[str]:
    """Return the pronunciation of the compound whose shorter part is longest."""
    cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    for cut in sorted(cuts, key=lambda cut: abs(2 * cut - len(word))):
        head, tail = lookup(word[:cut]), lookup(word[cut:])
        if head and tail:
            return [f"{head} {tail}"]
    return []
