"""Pronunciations of a lesson's own words, from the dictionary that the offline model carries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

SHORTEST_PART = 3
"""Letters of the shortest dictionary word that a compound is made of."""
LONGEST_ACRONYM = 5
"""Letters of the longest word in capitals that is spelt out when the dictionary lacks it."""

Pronunciations = Mapping[str, Sequence[str]]
"""Lower-case word to its pronunciations, each a string of ARPAbet phones."""


def read_dictionary(lines: Iterable[str]) -> dict[str, list[str]]:
    """Return the pronunciations in a CMUdict file: `word PH ON ES`, variants as `word(2)`."""
    entries: dict[str, list[str]] = {}
    for line in lines:
        word, _, phones = line.strip().partition(" ")
        if phones:
            entries.setdefault(re.sub(r"\(\d+\)$", "", word), []).append(phones.strip())
    return entries


def lesson_words(vocabulary: Iterable[str]) -> list[str]:
    """Return the single words of a vocabulary of words and phrases, in order, each once."""
    words = (word for term in vocabulary for word in re.findall(r"[^\W\d_][\w'’]*", term))
    return list({word.lower(): word.replace("’", "'") for word in words}.values())


def pronounce(word: str, entries: Pronunciations) -> list[str]:
    """Return how a word may be said; empty where the dictionary gives no way to tell.

    A word that is not listed is read as a compound of two listed words (`subtopic`), or spelt out
    when it is a short one in capitals (`RLC`).
    """
    listed = entries.get(word.lower())
    if listed:
        return list(listed)
    if word.isupper() and len(word) <= LONGEST_ACRONYM:
        letters = [entries.get(f"{letter.lower()}.", []) for letter in word]
        return [" ".join(names[0] for names in letters)] if all(letters) else []
    return _as_compound(word.lower(), entries)


def _as_compound(word: str, entries: Pronunciations) -> list[str]:
    """Return the pronunciation of the compound whose shorter part is longest."""
    cuts = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    for cut in sorted(cuts, key=lambda cut: abs(2 * cut - len(word))):
        head, tail = entries.get(word[:cut]), entries.get(word[cut:])
        if head and tail:
            return [f"{head[0]} {tail[0]}"]
    return []
