"""What readers, writers and the verifier know of a language: its words and cues, by its code.

A language is the file `<code>.json` beside this one. Cues find the plain cases; what they miss
costs a summary a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import snowballstemmer

from lessons.errors import InvalidInput
from lessons.vocabulary.ordinary import is_function_word

_CURLY = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})


class Cues:
    """Patterns of one kind, such as plans or praise; case does not matter."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]

    def found_in(self, text: str) -> bool:
        """Tell whether one of them is in the text."""
        plain = straight(text).strip()
        return any(pattern.search(plain) for pattern in self._patterns)


@dataclass(frozen=True, slots=True)
class NumberWords:
    """How a language says numbers."""

    cardinals: Mapping[str, int]
    multipliers: Mapping[str, int]
    denominators: Mapping[str, int]
    alone: frozenset[str]
    articles: frozenset[str]
    joiner: str
    point: str
    pronoun: str
    percent: frozenset[str]


NO_NUMBER_WORDS = NumberWords({}, {}, {}, frozenset(), frozenset(), "", "", "", frozenset())
"""Of a language that is not known: digits are read all the same."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a language asks; phrases are words in lower case without punctuation.

    Attributes:
        openings: a sentence of at least `fewest_words` that begins with one asks, mark or not.
        first_words: a sentence without marks that begins with one, behind any `leads`, may ask.
        asks_nothing: what asks nothing of anybody in spite of its question mark, as a sentence or
            behind a last comma.
        connection: beginnings of questions about the connection, not about the lesson.
    """

    openings: tuple[str, ...]
    first_words: frozenset[str]
    leads: frozenset[str]
    asks_nothing: frozenset[str]
    connection: tuple[str, ...]
    fewest_words: int


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """One language's words and cues.

    Attributes:
        language: ISO 639-1 code.
        asking: how questions sound.
        question_kinds: beginnings of questions by their kind, in the order in which they are tried.
        help: phrases of somebody who asks for help or says that it does not go on.
        not_knowing: phrases of somebody who says that they do not know or remember it.
        guesses: an answer with one of them is a guess, as its speaker says.
        hedges: an answer with one of them may be a guess.
        signs: what asks for an operation of arithmetic for sure, with its sign.
        operators: the same, and what does so between two numbers alone.
        frame: stems of the words that tell of a lesson and not of its content (`explained`).
        reporting: verbs that tell what somebody said; before one stands a name.
        telling: words of grammar that change what a sentence says (`before`, `all`).
        clause_breaks: words with which a clause begins; a negation reaches no further.
        cues: patterns by their kind.
    """

    language: str
    numbers: NumberWords
    negators: frozenset[str]
    negating_ending: str
    particles: frozenset[str]
    clause_breaks: frozenset[str]
    frame: frozenset[str]
    telling: frozenset[str]
    fillers: frozenset[str]
    days: frozenset[str]
    reporting: frozenset[str]
    asking: Asking
    question_kinds: Mapping[str, tuple[str, ...]]
    help: tuple[str, ...]
    not_knowing: tuple[str, ...]
    guesses: tuple[str, ...]
    hedges: tuple[str, ...]
    role_words: Mapping[str, frozenset[str]]
    signs: Mapping[str, str]
    operators: Mapping[str, str]
    cues: Mapping[str, Cues]
    base_forms: Mapping[str, str]
    stemmer: str

    def stem(self, word: str) -> str:
        """Return a lower-case word's stem."""
        return _stem(self.stemmer, self.base_forms.get(word, word))

    def is_content(self, word: str) -> bool:
        """Tell whether a lower-case word carries meaning that evidence has to carry as well."""
        if word in self.telling:
            return True
        return not (word in self.fillers or word in self.negators or self._is_grammar(word))

    def _is_grammar(self, word: str) -> bool:
        return is_function_word(word, self.language) or len(word.strip("'")) == 0


def straight(text: str) -> str:
    """Return the text with plain apostrophes."""
    return text.translate(_CURLY)


@cache
def known_languages() -> frozenset[str]:
    """Return the codes of the languages that have a file."""
    names = (entry.name for entry in files("features.languages").iterdir())
    return frozenset(name.removesuffix(".json") for name in names if name.endswith(".json"))


@cache
def words_of(language: str) -> LanguageWords:
    """Return what is known of a language.

    Raises:
        InvalidInput: there is no file of it.
    """
    if language not in known_languages():
        raise InvalidInput(
            f"No words of {language!r} are known.",
            field="language",
            fix=f"Use one of: {', '.join(sorted(known_languages()))}.",
        )
    path = files("features.languages").joinpath(f"{language}.json")
    return _read(language, json.loads(path.read_text("utf-8")))


def words_if_known(language: str) -> LanguageWords | None:
    """Return what is known of a language; None where there is no file of it."""
    return words_of(language) if language in known_languages() else None


def _read(language: str, told: Mapping[str, Any]) -> LanguageWords:
    stemmer: str = told["stemmer"]
    base_forms: dict[str, str] = told["base_forms"]
    base_forms |= {other: first for first, other in told["same_meaning"] if " " not in other}
    frame = [
        *told["frame_words"],
        *(word for words in told["role_words"].values() for word in words),
    ]
    return LanguageWords(
        language=language,
        numbers=_numbers(told),
        negators=frozenset(told["negators"]),
        negating_ending=told["negating_ending"],
        particles=frozenset(told["answer_particles"]),
        clause_breaks=frozenset(told["clause_breaks"]),
        frame=frozenset(_stem(stemmer, base_forms.get(word, word)) for word in frame),
        telling=frozenset([*told["telling_words"], *told["quantities"]]),
        fillers=frozenset(told["fillers"]),
        days=frozenset(told["days"]),
        reporting=frozenset(told["reporting"]),
        asking=_asking(told["asking"]),
        question_kinds={kind: tuple(each) for kind, each in told["question_kinds"].items()},
        help=tuple(told["help"]),
        not_knowing=tuple(told["not_knowing"]),
        guesses=tuple(told["guesses"]),
        hedges=tuple(told["hedges"]),
        role_words={role: frozenset(words) for role, words in told["role_words"].items()},
        signs=told["signs"],
        operators={**told["signs"], **told["other_operators"]},
        cues={kind: Cues(patterns) for kind, patterns in told["cues"].items()},
        base_forms=base_forms,
        stemmer=stemmer,
    )


def _asking(told: Mapping[str, Any]) -> Asking:
    return Asking(
        openings=tuple(told["openings"]),
        first_words=frozenset(told["first_words"]),
        leads=frozenset(told["leads"]),
        asks_nothing=frozenset(told["asks_nothing"]),
        connection=tuple(told["connection"]),
        fewest_words=told["fewest_words"],
    )


def _numbers(told: Mapping[str, Any]) -> NumberWords:
    return NumberWords(
        cardinals=told["number_words"],
        multipliers=told["multipliers"],
        denominators=told["denominators"],
        alone=frozenset(told["alone_as_number"]),
        articles=frozenset(told["number_articles"]),
        joiner=told["number_joiner"],
        point=told["decimal_word"],
        pronoun=told["pronoun_number"],
        percent=frozenset(told["percent_words"]),
    )


@cache
def _stem(stemmer: str, word: str) -> str:
    return str(_stemmer(stemmer).stemWord(word))


@cache
def _stemmer(name: str) -> Any:
    return snowballstemmer.stemmer(name)
