"""Pronunciations of a lesson's own terms: from the dictionary, else by their letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice, product

LONGEST_ACRONYM = 5
"""Letters of the longest word in capitals that is spelt out when the dictionary lacks it."""
MOST_VARIANTS = 4
"""Pronunciations of one listed word or one phrase that are taken over."""
GUESSES = 2
"""Pronunciations of a word that is not listed. The second is right for one word in seven."""
MOST_WORDS = 4
"""Words of the longest phrase that is listened for as a whole."""

Lookup = Callable[[str], str | None]
"""Gives the ARPAbet phones of a lower-case dictionary word, `word(2)` for a variant, or None."""
Guess = Callable[[str, int], list[str]]
"""Gives up to so many pronunciations of a word by its letters, the likeliest first."""
IsCommon = Callable[[str], bool]
"""Tells whether a lower-case word is so likely anyway that it needs no help."""


@dataclass(frozen=True, slots=True)
class LessonEntry:
    """A word or a phrase to listen for.

    Attributes:
        words: as captions show them.
        pronunciations: ways to say all of it; each gives the phones of every word.
    """

    words: tuple[str, ...]
    pronunciations: tuple[tuple[str, ...], ...]


class Pronouncer:
    """Says how words are said.

    Args:
        lookup: the dictionary.
        guess: for what is not in it.
    """

    def __init__(self, lookup: Lookup, guess: Guess) -> None:
        self._lookup = lookup
        self._guess = guess

    def pronounce(self, word: str) -> list[str]:
        """Return how a word may be said, as ARPAbet phones, the likeliest first.

        A short word in capitals that is not listed is spelt out (`RLC`). Empty where the word has
        letters that English does not.
        """
        first = self._lookup(word.lower())
        if first:
            names = (f"{word.lower()}({number})" for number in range(2, MOST_VARIANTS + 1))
            return [first, *filter(None, map(self._lookup, names))]
        if word.isupper() and len(word) <= LONGEST_ACRONYM:
            letters = [self._lookup(f"{letter.lower()}.") for letter in word]
            return [" ".join(filter(None, letters))] if all(letters) else []
        return self._guess(word.lower(), GUESSES)


def lesson_entries(
    vocabulary: Iterable[str], pronouncer: Pronouncer, is_common: IsCommon
) -> list[LessonEntry]:
    """Return what to listen for, in order: each phrase as a whole, and its words one by one.

    A common word of a phrase is left out by itself: it needs no help, and helping it harms others.
    """
    entries: dict[tuple[str, ...], LessonEntry] = {}
    for term in vocabulary:
        words = words_of(term)
        single = [(word,) for word in words if len(words) == 1 or not is_common(word.lower())]
        phrase = [tuple(words)] if 1 < len(words) <= MOST_WORDS else []
        for each in (*phrase, *single):
            key = tuple(word.lower() for word in each)
            ways = _ways_to_say(each, pronouncer)
            if ways and key not in entries:
                entries[key] = LessonEntry(each, ways)
    return list(entries.values())


def words_of(term: str) -> list[str]:
    """Return the words of a term: letters and the apostrophes within, no numbers and no marks."""
    found: list[str] = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", term)
    return [word.replace("’", "'") for word in found]


def _ways_to_say(words: tuple[str, ...], pronouncer: Pronouncer) -> tuple[tuple[str, ...], ...]:
    return tuple(islice(product(*map(pronouncer.pronounce, words)), MOST_VARIANTS))
