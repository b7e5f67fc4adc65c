"""Words of a text, its sentences, and phrases in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SENTENCE = re.compile(r"[^.?!…]+[.?!…]*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text.

    Attributes:
        words: in lower case, without punctuation.
        end: where it ends in the text, in characters.
        asks: whether it ends in a question mark.
        tag: what stands behind its last comma.
    """

    words: tuple[str, ...]
    end: int
    asks: bool
    tag: str


def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without punctuation."""
    return tuple(word.replace("’", "'") for word in _WORD.findall(text.lower()))


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text in order."""
    found = ((one.group(), one.end()) for one in _SENTENCE.finditer(text))
    return [
        Sentence(words_in(said), end, "?" in said, " ".join(words_in(said.rpartition(",")[2])))
        for said, end in found
    ]


def has_phrase(words: Iterable[str], phrases: Iterable[str]) -> bool:
    """Tell whether one of the phrases stands in a text of these words."""
    padded = f" {' '.join(words)} "
    return any(f" {phrase} " in padded for phrase in phrases)


def begins_with(words: Iterable[str], phrases: Iterable[str]) -> bool:
    """Tell whether a text of these words begins with one of the phrases."""
    padded = f"{' '.join(words)} "
    return any(padded.startswith(f"{phrase} ") for phrase in phrases)
