"""Homework as a tutor sets it in words: for the writer who tells of it and who checks that."""

from __future__ import annotations

from features.languages.language_words import LanguageWords
from models.summaries.tokens import sentences_in

_NOT_SET = ("no_homework", "omissions")
"""Cues of sentences about homework that was not set, or is one of before."""


def sets_homework(text: str, words: LanguageWords) -> bool:
    """Tell whether a text sets work for after the lesson: it says so, and says what."""
    cues = words.cues
    setting = " ".join(
        sentence
        for sentence in sentences_in(text)
        if not any(cues[kind].found_in(sentence) for kind in _NOT_SET)
    )
    return cues["homework"].found_in(setting) and cues["homework_tasks"].found_in(setting)
