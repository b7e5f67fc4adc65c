"""How questions and requests for help sound, language by language: short lists, kept as data.

They find the plain cases. What they miss costs a feature its evidence, nothing more; a language
that is not here has no such features.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True)
class Language:
    """Phrases of one language, as words in lower case without punctuation.

    Attributes:
        openings: a sentence of at least `fewest_words` that begins with one asks, mark or not.
        fillers: what asks nothing of anybody in spite of its question mark, as a sentence or behind
            a last comma.
        checks: beginnings of questions about the connection, which ask nothing about the lesson.
        help: phrases of somebody who asks for help or says that it does not go on.
        fewest_words: of a question without a question mark.
    """

    openings: tuple[str, ...]
    fillers: frozenset[str]
    checks: tuple[str, ...]
    help: tuple[str, ...]
    fewest_words: int = 4

    def questions(self, text: str) -> list[Sentence]:
        """Return the sentences of a text that ask something."""
        return [one for one in sentences(text) if self._asks(one)]

    def asks_for_help(self, text: str) -> bool:
        """Tell whether somebody asks for help, or says that they cannot go on."""
        words = " ".join(_words(text))
        padded = f" {words} "
        return any(f" {phrase} " in padded for phrase in self.help)

    def _asks(self, sentence: Sentence) -> bool:
        words = " ".join(sentence.words)
        if not words or _begins(words, self.checks) or {words, sentence.tag} & self.fillers:
            return False
        if sentence.asks:
            return True
        long_enough = len(sentence.words) >= self.fewest_words
        return long_enough and _begins(words, self.openings)


def sentences(text: str) -> list[Sentence]:
    """Return the sentences of a text in order."""
    found = ((one.group(), one.end()) for one in _SENTENCE.finditer(text))
    return [
        Sentence(_words(said), end, "?" in said, " ".join(_words(said.rpartition(",")[2])))
        for said, end in found
    ]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("’", "'") for word in _WORD.findall(text.lower()))


def _begins(words: str, phrases: tuple[str, ...]) -> bool:
    return any(words == phrase or words.startswith(f"{phrase} ") for phrase in phrases)


ENGLISH = Language(
    openings=(
        "what is",
        "what are",
        "what do",
        "what does",
        "what did",
        "what would",
        "what happens",
        "what if",
        "what can",
        "what should",
        "why is",
        "why are",
        "why do",
        "why does",
        "why did",
        "why would",
        "how do",
        "how does",
        "how did",
        "how many",
        "how much",
        "how can",
        "how could",
        "how would",
        "how is",
        "how are",
        "where is",
        "where are",
        "where do",
        "where does",
        "when do",
        "when does",
        "when is",
        "which of",
        "which one",
        "which number",
        "who can",
        "who knows",
        "who wants to",
        "who has",
        "can anyone",
        "can anybody",
        "can someone",
        "can somebody",
        "could anyone",
        "could someone",
        "does anyone",
        "does anybody",
        "do we know",
        "any ideas",
        "any questions",
    ),
    fillers=frozenset(
        {
            "right",
            "ok",
            "okay",
            "yeah",
            "yes",
            "no",
            "huh",
            "hm",
            "you know",
            "you see",
            "all right",
            "alright",
            "isn't it",
            "aren't they",
            "doesn't it",
            "what",
            "sorry",
            "pardon",
            "really",
            "so",
            "and",
            "how are you",
            "how is everybody",
            "how is everyone",
        }
    ),
    checks=(
        "can you hear me",
        "can you all hear me",
        "can everyone hear me",
        "can everybody hear me",
        "can you see my screen",
        "can everyone see my screen",
        "is my microphone",
        "am i muted",
        "are you there",
    ),
    help=(
        "i don't understand",
        "i do not understand",
        "i don't get it",
        "i don't get this",
        "i don't get how",
        "i didn't get",
        "i'm stuck",
        "i am stuck",
        "i'm lost",
        "i am lost",
        "i need help",
        "can you help",
        "could you help",
        "can somebody help",
        "can someone help",
        "can anyone help",
        "help me",
        "please help",
        "i don't know how",
        "i don't know what to do",
        "what do i do",
        "what am i supposed to",
        "how do i do",
        "how do you do this",
        "can you explain",
        "could you explain",
        "explain it again",
        "explain that again",
        "say that again",
        "can you repeat",
        "could you repeat",
        "it doesn't work",
        "it does not work",
        "it's not working",
        "i keep getting it wrong",
        "i can't do",
        "i cannot do",
        "i can't solve",
        "this makes no sense",
        "it doesn't make sense",
        "that doesn't make sense",
    ),
)

LANGUAGES: Mapping[str, Language] = MappingProxyType({"en": ENGLISH})
"""By ISO 639-1 code."""
