"""Cues in one utterance: what kind of question, how sure, a request for help, a correction.

A language without a file has no cues.
"""

from __future__ import annotations

from typing import Literal, cast

from features.languages import asking
from features.languages.language_words import words_if_known
from features.languages.phrases import begins_with, has_phrase, sentences, words_in

QuestionKind = Literal["reason", "procedure", "choice", "fact", "check", "yes_no", "other"]

Sureness = Literal["sure", "hedged", "doubtful"]


def question_kind(sentence: str, language: str = "en") -> QuestionKind:
    """Return what kind of question a sentence asks, which is known to ask one."""
    known = words_if_known(language)
    if known is None:
        return "other"
    said = words_in(sentence)
    for kind, beginnings in known.question_kinds.items():
        if begins_with(said, beginnings):
            return cast(QuestionKind, kind)
    return "yes_no" if "?" in sentence else "other"


def question_sentences(text: str, language: str = "en") -> list[tuple[str, int]]:
    """Return the sentences of a text that ask something, each with its end in the text."""
    known = words_if_known(language)
    if known is None:
        return []
    ends = [one.end for one in sentences(text)]
    starts = dict(zip(ends, [0, *ends], strict=False))
    asked = asking.questions_in(text, known)
    return [(text[starts[one.end] : one.end].strip(), one.end) for one in asked]


def is_question(text: str, language: str = "en") -> bool:
    """Tell whether a text asks anything."""
    return bool(question_sentences(text, language))


def sureness(text: str, language: str = "en") -> Sureness:
    """Return how sure of it somebody says to be, by their words alone."""
    known = words_if_known(language)
    if known is None:
        return "sure"
    said = words_in(text)
    if has_phrase(said, (*known.not_knowing, *known.guesses)):
        return "doubtful"
    return "hedged" if has_phrase(said, known.hedges) else "sure"


def asks_for_help(text: str, language: str = "en") -> bool:
    """Tell whether somebody asks for help, or says that they cannot go on."""
    known = words_if_known(language)
    return known is not None and asking.asks_for_help(text, known)


def is_correction(text: str, language: str = "en") -> bool:
    """Tell whether a reply begins by saying that what was said is not right."""
    known = words_if_known(language)
    return known is not None and known.cues["rejections"].found_in(text)
