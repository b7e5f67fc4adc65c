"""Questions and requests for help, as they sound in a language.

They find the plain cases. What they miss costs a feature its evidence, nothing more; a language
without a file has no such features.
"""

from __future__ import annotations

from features.languages.language_words import LanguageWords
from features.languages.phrases import Sentence, begins_with, has_phrase, sentences, words_in


def questions_in(text: str, words: LanguageWords) -> list[Sentence]:
    """Return the sentences of a text that ask something of somebody."""
    return [one for one in sentences(text) if _asks(one, words)]


def may_ask(text: str, words: LanguageWords) -> bool:
    """Tell whether a text may ask something: by a mark, or by its first word where marks lack."""
    return any(one.asks or _opens_like_a_question(one, words) for one in sentences(text))


def asks_for_help(text: str, words: LanguageWords) -> bool:
    """Tell whether somebody asks for help, or says that they cannot go on."""
    return has_phrase(words_in(text), words.help)


def does_not_know(text: str, words: LanguageWords) -> bool:
    """Tell whether somebody says that they do not know or remember something."""
    return has_phrase(words_in(text), words.not_knowing)


def _asks(sentence: Sentence, words: LanguageWords) -> bool:
    asking, said = words.asking, " ".join(sentence.words)
    if not said or begins_with(sentence.words, asking.connection):
        return False
    if {said, sentence.tag} & asking.asks_nothing:
        return False
    if sentence.asks:
        return True
    long_enough = len(sentence.words) >= asking.fewest_words
    return long_enough and begins_with(sentence.words, asking.openings)


def _opens_like_a_question(sentence: Sentence, words: LanguageWords) -> bool:
    asking = words.asking
    first = next((word for word in sentence.words if word not in asking.leads), None)
    return first in asking.first_words
