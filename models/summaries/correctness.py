"""Whether what a learner said was right, as the lesson itself shows it.

A tutor's praise is no evidence, for wrong answers are praised too. What counts is a marked answer,
a sum that can be worked out, and a tutor who confirms or rejects in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from features.languages.language_words import LanguageWords
from models.summaries.arithmetic import asked_value, numbers_in
from models.summaries.record import Item, LessonRecord
from models.summaries.tokens import sentences_in

Correctness = Literal["right", "wrong", "unknown"]

LOOK_BACK = 3
"""Captions before an answer in which its question may be."""

LOOK_AHEAD = 3
"""Captions after an answer in which it may be confirmed, rejected or taken back."""


_DOUBTS_IT = ("rejections", "hesitations")
"""Cues of a reply after which nobody is told to have been right, even where it is not clear."""


def correctness_of(item: Item, record: LessonRecord, words: LanguageWords) -> Correctness:
    """Tell whether an answer was right: one on the platform, or one that was said."""
    if item.kind == "answer":
        return "unknown" if item.correct is None else _named(right=item.correct)
    judged = (
        _by_the_platform(item, record),
        _by_arithmetic(item, record, words),
        _by_others(item, record, words),
    )
    if "wrong" in judged:
        return "wrong"
    return "right" if "right" in judged else "unknown"


def _named(*, right: bool) -> Correctness:
    return "right" if right else "wrong"


def _by_the_platform(item: Item, record: LessonRecord) -> Correctness:
    """Take an answer on the platform only where the learner said the very same."""
    said = item.text.casefold()
    same = [
        answer
        for answer in record.answers_near(item)
        if answer.correct is not None and answer.text and answer.text.casefold() in said
    ]
    return _named(right=bool(same[-1].correct)) if same else "unknown"


def _by_arithmetic(item: Item, record: LessonRecord, words: LanguageWords) -> Correctness:
    told = numbers_in(item.text, words)
    for earlier in reversed(record.before(item, LOOK_BACK)):
        value = asked_value(earlier.text, words)
        if value is not None:
            return _named(right=value in told) if told else "unknown"
        if earlier.role == "tutor" and "?" in earlier.text:
            return "unknown"  # Another question came between.
    return "unknown"


def _by_others(item: Item, record: LessonRecord, words: LanguageWords) -> Correctness:
    """Listen to the tutor's next words, and to whoever takes the answer back."""
    following = record.after(item, LOOK_AHEAD)
    if any(_takes_back(other, item, words) for other in following if other.role != "tutor"):
        return "wrong"
    replies = list(_replies(following, item))
    if not replies:
        return "unknown"
    return _reply(replies[0].text, words)


def _replies(following: Sequence[Item], item: Item) -> Sequence[Item]:
    """Return what the tutor says before the learner speaks again."""
    found = []
    for other in following:
        if other.participant_id == item.participant_id:
            break
        if other.role == "tutor":
            found.append(other)
    return found


def _reply(text: str, words: LanguageWords) -> Correctness:
    """Read one reply: its first sentence that confirms or rejects decides."""
    for sentence in sentences_in(text):
        if any(words.cues[kind].found_in(sentence) for kind in _DOUBTS_IT):
            return "wrong"
        if words.cues["confirmations"].found_in(sentence):
            return "right"
    return "unknown"


def _takes_back(other: Item, item: Item, words: LanguageWords) -> bool:
    """Tell whether another learner, or the same one in a later turn, puts the answer right."""
    return other.item_id != item.item_id and words.cues["revisions"].found_in(other.text)
