"""Words that need no help: grammar's own, and those that everybody says all the time."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

SHORTEST_RARE_WORD = 7
"""Letters of the shortest word that counts as rare in a language without a list: the shorter a
word, the more often it is said (Zipf's law of abbreviation)."""


ORDINARY_ENGLISH = "ordinary_english.txt"
"""The 2,500 likeliest words of conversation, by `python -m training.list_ordinary_words`."""
FUNCTION_WORDS_ENGLISH = "function_words_english.txt"
"""The closed classes: pronouns, articles, prepositions, conjunctions, auxiliaries, and adverbs of
their kind. No term goes on past one."""


def is_function_word(word: str, language: str) -> bool:
    """Tell whether a lower-case word belongs to grammar, as far as the language's are known."""
    return language == "en" and word in _listed(FUNCTION_WORDS_ENGLISH)


def is_ordinary(word: str, language: str) -> bool:
    """Tell whether a lower-case word is so common that a caption engine knows it anyway."""
    if language != "en":
        return len(word) < SHORTEST_RARE_WORD
    stem = word.removesuffix("'s")
    return stem in _listed(ORDINARY_ENGLISH) or is_function_word(word, language)


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(files("lessons.vocabulary").joinpath(name).read_text("utf-8").split())
