"""Cues in one utterance: what kind of question, how sure, praise, correction, help, homework."""

from __future__ import annotations

from typing import Literal

from features.engagement.languages import LANGUAGES, sentences
from features.reading.cue_language import CUE_LANGUAGES
from features.reading.words import begins_with, has_phrase

QuestionKind = Literal["reason", "procedure", "choice", "fact", "check", "yes_no", "other"]

Sureness = Literal["sure", "hedged", "doubtful"]


def question_kind(sentence: str, language: str = "en") -> QuestionKind:
    """Return what kind of question a sentence asks, which is known to ask one."""
    cues = CUE_LANGUAGES.get(language)
    if cues is None:
        return "other"
    kinds: tuple[tuple[QuestionKind, bool], ...] = (
        ("check", begins_with(sentence, cues.checks)),
        ("fact", begins_with(sentence, ("how many", "how much"))),
        ("reason", begins_with(sentence, cues.reasons)),
        ("procedure", begins_with(sentence, cues.procedures)),
        ("choice", begins_with(sentence, cues.choices)),
        ("fact", begins_with(sentence, cues.facts)),
    )
    found = next((kind for kind, holds in kinds if holds), None)
    return found or ("yes_no" if "?" in sentence else "other")


def question_sentences(text: str, language: str = "en") -> list[tuple[str, int]]:
    """Return the sentences of a text that ask something, each with its end in the text."""
    known = LANGUAGES.get(language)
    if known is None:
        return []
    ends = [one.end for one in sentences(text)]
    starts = dict(zip(ends, [0, *ends], strict=False))
    return [(text[starts[one.end] : one.end].strip(), one.end) for one in known.questions(text)]


def is_question(text: str, language: str = "en") -> bool:
    """Tell whether a text asks anything."""
    return bool(question_sentences(text, language))


def sureness(text: str, language: str = "en") -> Sureness:
    """Return how sure of it somebody says to be, by their words alone."""
    cues = CUE_LANGUAGES.get(language)
    if cues is None:
        return "sure"
    if has_phrase(text, cues.doubts):
        return "doubtful"
    return "hedged" if has_phrase(text, cues.hedges) else "sure"


def asks_for_help(text: str, language: str = "en") -> bool:
    """Tell whether somebody asks for help, or says that they cannot go on."""
    known = LANGUAGES.get(language)
    return known is not None and known.asks_for_help(text)


def is_praise(text: str, language: str = "en") -> bool:
    """Tell whether a reply calls what was said good or right."""
    cues = CUE_LANGUAGES.get(language)
    if cues is None or is_correction(text, language):
        return False
    return has_phrase(text, cues.praise) and not has_phrase(text, _negated(cues.praise))


def is_correction(text: str, language: str = "en") -> bool:
    """Tell whether a reply begins by saying that what was said is not right."""
    cues = CUE_LANGUAGES.get(language)
    if cues is None:
        return False
    return begins_with(text, cues.corrections) and not begins_with(text, _NO_CORRECTION)


def homework_sentences(text: str, language: str = "en") -> list[str]:
    """Return the sentences that set work for after the lesson; not those about work of before."""
    cues = CUE_LANGUAGES.get(language)
    if cues is None:
        return []
    starts = 0
    found = []
    for one in sentences(text):
        said, starts = text[starts : one.end].strip(), one.end
        asks = "?" in said
        if has_phrase(said, cues.homework) and not has_phrase(said, cues.past) and not asks:
            found.append(said)
    return found


_NO_CORRECTION = ("no problem", "no worries", "no hurry", "no rush", "no questions", "close your")


def _negated(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"not {phrase}" for phrase in phrases)
