"""How much of one turn comes back in the next, and how the next one asks, as plain numbers.

After Demszky et al. 2021 ("Measuring Conversational Uptake", section 5: shares of tokens in common,
without words that are in every sentence) and Suresh et al. 2022 ("The TalkMoves Dataset", where a
restating repeats a student's words and a revoicing some of them).
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

OVERLAP = (
    "first_words",
    "second_words",
    "second_in_first",
    "first_in_second",
    "content_second_in_first",
    "content_first_in_second",
    "longest_run_of_first",
    "longest_run_of_second",
    "numbers_in_common",
    "numbers_in_second",
    "equal",
    "question_mark",
    "asks_what",
    "asks_why_or_how",
    "asks_at_all",
    "says_you",
    "acknowledges",
    "refers_to_speech",
)
"""Names of the numbers, in their order."""

LONGEST_WORDS = 200
"""Words of a turn that are compared: a run in common is looked for in quadratic time."""

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = str.maketrans("", "", "'’‘`")
_COMMON = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "i",
        "if",
        "im",
        "in",
        "is",
        "it",
        "its",
        "just",
        "like",
        "me",
        "my",
        "no",
        "not",
        "of",
        "oh",
        "ok",
        "okay",
        "on",
        "or",
        "our",
        "she",
        "so",
        "that",
        "thats",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "um",
        "uh",
        "up",
        "was",
        "we",
        "well",
        "were",
        "what",
        "when",
        "which",
        "who",
        "will",
        "with",
        "yeah",
        "yes",
        "you",
        "your",
    )
)
"""Words that come back without anything having been taken up."""

_WHY = frozenset(("why", "how"))
_ASKING = frozenset(
    (
        "what",
        "whats",
        "why",
        "how",
        "who",
        "whos",
        "where",
        "when",
        "which",
        "can",
        "could",
        "would",
        "do",
        "does",
        "did",
        "is",
        "are",
    )
)
_YOU = frozenset(("you", "your", "youre", "yours"))
_ACKNOWLEDGING = frozenset(
    (
        "yes",
        "yeah",
        "yep",
        "right",
        "good",
        "great",
        "okay",
        "ok",
        "exactly",
        "no",
        "so",
    )
)
_SPEECH = frozenset(
    (
        "say",
        "said",
        "says",
        "saying",
        "think",
        "thinks",
        "thinking",
        "thought",
        "mean",
        "means",
        "idea",
    )
)


def words_of(text: str) -> list[str]:
    """Return the words in lower case, without punctuation and apostrophes."""
    return _WORD.findall(text.lower().translate(_APOSTROPHES))


def overlap(first: str, second: str) -> Array:
    """Return what the second turn has of the first one, and how it asks.

    Args:
        first: what somebody said; may be empty.
        second: what somebody said next.

    Returns:
        shape (len(OVERLAP),), each in 0..1 but the two numbers of words, which are logarithms.
    """
    one, two = words_of(first)[-LONGEST_WORDS:], words_of(second)[:LONGEST_WORDS]
    begin = frozenset(two[:1])
    asked = frozenset(two)
    run = _longest_run(one, two)
    values = (
        np.log1p(len(one)),
        np.log1p(len(two)),
        _share(two, one),
        _share(one, two),
        _share(_content(two), _content(one)),
        _share(_content(one), _content(two)),
        run / max(len(one), 1),
        run / max(len(two), 1),
        _share(_numbers(one), _numbers(two)),
        min(len(_numbers(two)), 3) / 3,
        bool(one) and one == two,
        "?" in second,
        bool(asked & {"what", "whats"}),
        bool(asked & _WHY),
        bool(begin & _ASKING),
        bool(asked & _YOU),
        bool(begin & _ACKNOWLEDGING),
        bool(asked & _SPEECH),
    )
    return np.asarray(values, np.float32)


def overlap_named(first: str, second: str) -> dict[str, float]:
    """Return the same by name."""
    return dict(zip(OVERLAP, overlap(first, second).tolist(), strict=True))


def _content(words: list[str]) -> list[str]:
    return [word for word in words if word not in _COMMON]


def _numbers(words: list[str]) -> list[str]:
    return [word for word in words if word.isdigit()]


def _share(words: list[str], among: list[str]) -> float:
    """Return how many of the words are among others; 0 without words."""
    there = set(among)
    return sum(word in there for word in words) / max(len(words), 1)


def _longest_run(one: list[str], two: list[str]) -> int:
    return SequenceMatcher(None, one, two, autojunk=False).find_longest_match().size
