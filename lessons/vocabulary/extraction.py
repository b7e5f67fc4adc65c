"""Terms in running text: rare words, and short runs of words that hold one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lessons.vocabulary.ordinary import is_function_word, is_ordinary

MOST_WORDS = 3
"""Words of the longest term that is taken as one; a longer run is a sentence, not a term."""
LONGEST_ACRONYM = 5
"""Letters of the longest word that is left in capitals."""
SHORTEST_WORD = 3
"""Letters of the shortest word that is a term; acronyms may be shorter."""
LONGEST_WORD = 40
"""Letters past which it is no word that anybody says."""

_ADDRESS = re.compile(r"\S*(?:://|@)\S*")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*(?:(?<=s)['’])?(?!\w)|\w+|[^\w\s]|\n")
"""A word, with the apostrophe of a plural's genitive; what only looks like one; or a mark."""

_SENTENCE_END = frozenset(".!?:\n")


def terms_of(text: str, language: str) -> list[str]:
    """Return the terms of a text in order, each once.

    In English a term is a run of two or three words with a rare one in it, unbroken by grammar's
    own words, or a rare word where there is no such run. A capital that only begins a sentence or
    stands in a headline is taken off. Of other languages only long single words are taken.
    """
    found: dict[str, str] = {}
    for run in _runs(text, language):
        for term in _terms_of_run(run, language):
            found.setdefault(term.casefold(), term)
    return list(found.values())


def _terms_of_run(run: list[str], language: str) -> list[str]:
    rare = [word for word in run if is_rare(word, language)]
    if rare and language == "en" and 1 < len(run) <= MOST_WORDS:
        return [" ".join(run)]
    return rare


def is_rare(word: str, language: str) -> bool:
    """Tell whether a word can be a term by itself."""
    if len(word) > LONGEST_WORD:
        return False
    if word.isupper():
        return len(word) > 1
    return len(word) >= SHORTEST_WORD and not is_ordinary(word.lower(), language)


def _runs(text: str, language: str) -> Iterator[list[str]]:
    """Give the runs of words between marks, numbers and grammar's own words."""
    plain = _ADDRESS.sub(" . ", text).replace("’", "'")
    tokens = [token.rstrip("'") or token for token in _TOKEN.findall(plain)]
    headline = _is_headline(tokens, language)
    run: list[str] = []
    begins = True
    for token in tokens:
        if not _is_word(token) or is_function_word(token.lower(), language):
            yield run
            run = []
        else:
            run.append(_without_capital(token, language, begins=begins or headline))
        begins = token in _SENTENCE_END
    yield run


def _is_headline(tokens: list[str], language: str) -> bool:
    """Tell whether all words of a text, but grammar's own, begin with a capital."""
    words = [token for token in tokens if _is_word(token)]
    return all(word[0].isupper() or is_function_word(word, language) for word in words)


def _is_word(token: str) -> bool:
    return token[0].isalpha() and not any(letter.isdigit() or letter == "_" for letter in token)


def _without_capital(word: str, language: str, *, begins: bool) -> str:
    if language != "en":
        return word  # German, for one, writes its nouns so.
    if word.isupper() and len(word) > LONGEST_ACRONYM:
        return word.lower()
    is_capitalised = word[:1].isupper() and word[1:].islower()
    return word.lower() if begins and is_capitalised else word
