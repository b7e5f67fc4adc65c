"""Texts as tokens: stems and numbers, with the sentence and clause each is in and its negation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from features.languages.language_words import LanguageWords, straight
from features.languages.number_words import is_pronoun, number_at

_PIECE = re.compile(
    r"\d+(?:,\d{3})+(?!\d)|\d+/\d+|\d+\.\d+|\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[.!?…]+|[,;:()–—]|[%+=×÷*−-]"
)
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_SENTENCE = re.compile(r"[^.!?…]+(?:(?<=\d)\.(?=\d)[^.!?…]*)*[.!?…]*")
_ENDS = frozenset(".!?…")
_PAUSES = frozenset(",;:()–—")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number of a text.

    Attributes:
        key: what has to be the same for two tokens to mean the same: a stem, or a number's value.
        text: lower case, as it stands.
        place: which token of its text it is, from 0.
        clause: which clause of its text it is in, from 0.
        negated: whether a negation stands before it in its clause.
        number: its value, where it is a number.
        doubtful: a number that may be a pronoun (`a smaller one`).
        capital: whether it is written with a capital in the middle of a sentence.
        opens: whether a sentence begins with it.
    """

    key: str
    text: str
    place: int
    clause: int
    negated: bool
    number: Fraction | None
    doubtful: bool
    capital: bool
    opens: bool


def sentences_in(text: str) -> list[str]:
    """Split a text at the marks that end sentences; without any it is one sentence."""
    return [found.strip() for found in _SENTENCE.findall(straight(text)) if found.strip(" .!?…")]


def tokens_of(text: str, words: LanguageWords) -> list[Token]:
    """Return the words and numbers of a text, without its marks."""
    return list(_Reader(_pieces(text), words).tokens())


def content_of(tokens: Sequence[Token], words: LanguageWords) -> list[Token]:
    """Return the tokens that carry meaning: numbers, and words of content that tell of it."""
    return [
        token
        for token in tokens
        if (token.number is not None and not token.doubtful)
        or (token.number is None and words.is_content(token.text) and token.key not in words.frame)
    ]


def telling_of(tokens: Sequence[Token], words: LanguageWords) -> list[Token]:
    """Return the tokens that are no mere grammar: what carries meaning, and words of a lesson."""
    kept = {token.place for token in content_of(tokens, words)}
    return [
        token
        for token in tokens
        if token.place in kept or token.key in words.frame or token.doubtful
    ]


def is_said_in(part: str, text: str, words: LanguageWords) -> bool:
    """Tell whether words stand in a text, one after the other; marks and case do not matter."""
    wanted = [token.text for token in tokens_of(part, words)]
    said = [token.text for token in tokens_of(text, words)]
    length = len(wanted)
    return length > 0 and any(
        said[start : start + length] == wanted for start in range(len(said) - length + 1)
    )


def key_of(value: Fraction) -> str:
    """Return the key of a number."""
    return f"#{value}"


def _pieces(text: str) -> list[str]:
    """Return words and marks; `twenty-five` is two words."""
    return _PIECE.findall(_HYPHEN.sub(" ", straight(text)))


class _Reader:
    def __init__(self, pieces: Sequence[str], words: LanguageWords) -> None:
        self._pieces = pieces
        self._lower = [piece.lower() for piece in pieces]
        self._words = words
        self._marked = any(piece[0] in _ENDS or piece[0] in _PAUSES for piece in pieces)
        self._clause = 0
        self._negated = False
        self._opens = True

    def tokens(self) -> Iterator[Token]:
        place = number = 0
        while place < len(self._pieces):
            taken = self._take_mark(place)
            if taken:
                place += taken
                continue
            self._begin_clause(self._lower[place])
            token, length = self._token(place, number)
            yield token
            self._negate(place)
            self._opens = False
            place, number = place + length, number + 1

    def _take_mark(self, place: int) -> int:
        piece = self._pieces[place]
        if piece[0].isalnum():
            return 0
        if piece[0] in _ENDS or piece[0] in _PAUSES:
            self._clause += 1
            self._negated = False
            self._opens = self._opens or piece[0] in _ENDS
        return 1

    def _begin_clause(self, word: str) -> None:
        if word in self._words.clause_breaks:
            self._clause += 1
            self._negated = False

    def _token(self, place: int, number: int) -> tuple[Token, int]:
        read = number_at(self._lower, place, self._words.numbers)
        text = self._lower[place]
        length = 1 if read is None else read[1]
        value = None if read is None else read[0]
        doubtful = read is not None and is_pronoun(self._lower, place, read, self._words.numbers)
        token = Token(
            key=self._words.stem(_bare(text)) if value is None else key_of(value),
            text=text if length == 1 else " ".join(self._lower[place : place + length]),
            place=number,
            clause=self._clause,
            negated=self._negated,
            number=value,
            doubtful=doubtful,
            capital=self._pieces[place][0].isupper() and not self._opens,
            opens=self._opens,
        )
        return token, length

    def _negate(self, place: int) -> None:
        word = self._lower[place]
        if word.endswith(self._words.negating_ending) or (
            word in self._words.negators and not self._is_particle(place)
        ):
            self._negated = True

    def _is_particle(self, place: int) -> bool:
        """Tell whether a `no` is an answer of its own and negates nothing behind it.

        In captions without marks one at the beginning is taken for that.
        """
        if self._lower[place] not in self._words.particles:
            return False
        behind = self._pieces[place + 1][0] if place + 1 < len(self._pieces) else "."
        if behind in _ENDS or behind in _PAUSES:
            return True
        return self._opens and not self._marked


def _bare(word: str) -> str:
    """Return a word without the ending of a genitive."""
    return word.removesuffix("'s")
