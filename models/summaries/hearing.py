"""How surely the words of a quotation were heard: how many of them are expected to be wrong.

An engine's confidence in a word is its probability that the word was said. Those of Whisper's base
model are about that (`eval/faithfulness_heard.py`), so that what is missing to 1, added up over a
quotation, is how many of its words were misheard. In a mean one wrong word of twelve hardly shows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from features.languages.language_words import straight

MISHEARD = 0.35
"""Expected number of wrong words past which a quotation is to be checked by a person.

Chosen on tuning lessons (`eval.faithfulness`): fewer than one in twenty of the sentences that then
stand says something else, at any rate of errors that confidence tells of.
"""

_MARKS = re.compile(r"[^\w']|_")


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word of a caption and its confidence, in 0..1."""

    text: str
    confidence: float


def words_heard(quote: str, text: str, confidences: Sequence[float]) -> list[HeardWord]:
    """Return the words of a caption in which a quotation stands; marks and case do not matter.

    Empty where it does not stand there, or nothing is known of the words.
    """
    heard = [
        HeardWord(bare, confidence)
        for word, confidence in zip(text.split(), confidences, strict=False)
        if (bare := _bare(word))
    ]
    wanted = [bare for word in quote.split() if (bare := _bare(word))]
    for start in range(len(heard) - len(wanted) + 1) if wanted else ():
        found = heard[start : start + len(wanted)]
        if [word.text for word in found] == wanted:
            return found
    return []


def misheard(words: Sequence[HeardWord]) -> float:
    """Return how many of these words are expected to be wrong."""
    return sum(1.0 - word.confidence for word in words)


def clarity(words: Sequence[HeardWord]) -> float:
    """Return the probability that every one of these words was said; 1 where nothing is known."""
    return math.prod(word.confidence for word in words)


def doubted(words: Sequence[HeardWord]) -> list[str]:
    """Return the words, in their order, but for which a quotation was heard surely enough."""
    doubtful: set[int] = set()
    for place in sorted(range(len(words)), key=lambda place: words[place].confidence):
        if misheard([word for at, word in enumerate(words) if at not in doubtful]) <= MISHEARD:
            break
        doubtful.add(place)
    return [words[place].text for place in sorted(doubtful)]


def _bare(word: str) -> str:
    return _MARKS.sub("", straight(word)).strip("'").lower()
