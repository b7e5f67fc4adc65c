"""How many school years it takes to read a text: the Flesch-Kincaid grade, for English.

Source: Kincaid, Fishburne, Rogers and Chissom (1975), Research Branch Report 8-75: grade =
0.39 words per sentence + 11.8 syllables per word - 15.59. Syllables are the vowels of the CMU
pronouncing dictionary, which the wheel of pocketsphinx carries.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from pocketsphinx import get_model_path

TARGET_GRADE = 6.0
"""Grade that a recap should stay at or below: most adults read it without effort."""

LEAST_GRADE = -3.4
"""What one word of one syllable comes to; an empty text has this grade as well."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"\d+(?:[./,:]\d+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$|[”\"])|\n+")
_VOWELS = frozenset({
    "AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW",
})  # fmt: skip
_VOWEL_LETTERS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"(?<=[^aeiouyl])e$")


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of an English text; a line's end ends a sentence too.

    A word that the dictionary lacks, such as a name, has as many syllables as groups of vowels; a
    number counts as one word of two syllables.
    """
    words = [word.replace("’", "'").lower() for word in _WORD.findall(text)]
    numbers = len(_NUMBER.findall(text))
    if not words and not numbers:
        return LEAST_GRADE
    known = _syllables_of(set(words))
    syllables = sum(known.get(word) or _guessed(word) for word in words) + 2 * numbers
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part)) or 1
    count = len(words) + numbers
    return round(0.39 * count / sentences + 11.8 * syllables / count - 15.59, 1)


def _syllables_of(words: Collection[str]) -> Mapping[str, int]:
    """Look words up; the dictionary is read through, which takes less than keeping it."""
    found = {}
    with Path(get_model_path("en-us/cmudict-en-us.dict")).open(encoding="utf-8") as dictionary:
        for line in dictionary:
            word, _, sounds = line.partition(" ")
            if word in words:
                found[word] = sum(sound in _VOWELS for sound in sounds.split())
    return found


def _guessed(word: str) -> int:
    return max(1, len(_VOWEL_LETTERS.findall(_SILENT_END.sub("", word))))
