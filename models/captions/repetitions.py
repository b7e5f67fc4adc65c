"""Cuts the loops that recognisers fall into: one word or phrase, over and over, that nobody said.

The same words always give the same result, for every engine. People repeat themselves as well
("no, no, no"), and in a lesson numbers most of all ("one zero zero zero zero"), so a word may come
a few times and a phrase with a number in it more often.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.captions.agreement import comparable
from models.captions.interface import Word

LONGEST_PHRASE = 12
"""Words of the longest phrase that is looked for."""
MOST_TIMES = 3
"""How often in a row a word or phrase may come; more is a loop, of which the first is kept."""
MOST_TIMES_WITH_NUMBER = 8
"""The same where a number is in it."""
NUMBERS = frozenset(
    [
        *("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
        *("ten", "hundred", "thousand", "million"),
    ]
)


def cut_loops(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return the words without loops, keeping the first round of each."""
    kept = list(words)
    texts = [comparable(word.text) for word in kept]
    at = 0
    while at < len(kept):
        for length in range(1, min(LONGEST_PHRASE, (len(kept) - at) // 2) + 1):
            times = _times(texts, at, length)
            if times > _most_times(texts[at : at + length]):
                del kept[at + length : at + times * length]
                del texts[at + length : at + times * length]
                at = max(0, at - LONGEST_PHRASE * MOST_TIMES_WITH_NUMBER) - 1
                break
        at += 1
    return tuple(kept)


def repeats_itself(words: Sequence[Word]) -> bool:
    """Tell whether a word or a phrase follows itself at once; people do that too, models more."""
    texts = [comparable(word.text) for word in words]
    return any(
        _times(texts, at, length) > 1
        for length in range(1, len(texts) // 2 + 1)
        for at in range(len(texts) - 2 * length + 1)
    )


def _times(texts: Sequence[str], at: int, length: int) -> int:
    """Return how often the phrase of so many words comes in a row from there."""
    phrase = texts[at : at + length]
    times = 1
    while texts[at + times * length : at + (times + 1) * length] == phrase:
        times += 1
    return times


def _most_times(phrase: Sequence[str]) -> int:
    has_number = any(text in NUMBERS or any(map(str.isnumeric, text)) for text in phrase)
    return MOST_TIMES_WITH_NUMBER if has_number else MOST_TIMES
