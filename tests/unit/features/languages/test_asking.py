"""How questions and calls for help sound in English."""

from __future__ import annotations

import pytest

from features.languages.asking import (
    asks_for_help,
    does_not_know,
    may_ask,
    questions_in,
)
from features.languages.language_words import words_of

ENGLISH = words_of("en")


@pytest.mark.parametrize(
    "text",
    [
        "What is a half of three quarters?",
        "Any questions?",
        "Who can tell me the next step",
        "why do we flip the second fraction",
        "It is three eighths. Or is it two?",
        "Can anyone see what went wrong here",
    ],
)
def test_questions_are_found_with_and_without_their_mark(text: str) -> None:
    assert questions_in(text, ENGLISH)
    assert may_ask(text, ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        "So we flip it, right?",
        "Okay?",
        "Can you hear me now?",
        "What a nice answer.",
        "That is what is left of it.",
        "Which is why we flip the second one.",
        "",
        "...",
    ],
)
def test_what_asks_nothing_of_the_group_is_no_question(text: str) -> None:
    asked = [sentence.words for sentence in questions_in(text, ENGLISH)]
    assert asked == []


@pytest.mark.parametrize(
    "text",
    [
        "I don’t understand this.",
        "um I'm stuck",
        "Could you explain that again please",
        "I don't get number two.",
    ],
)
def test_calls_for_help_are_found(text: str) -> None:
    assert asks_for_help(text, ENGLISH)


def test_who_says_not_to_know_asks_for_nothing() -> None:
    said = "I can’t remember what it means."
    assert does_not_know(said, ENGLISH)
    assert not asks_for_help(said, ENGLISH)
    assert not does_not_know("I know what it means.", ENGLISH)


@pytest.mark.parametrize("text", ["I understand.", "The truck is stuck", "helpful", ""])
def test_other_words_are_no_call_for_help(text: str) -> None:
    assert not asks_for_help(text, ENGLISH)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("does it always have to be a whole number", True),
        ("so is that why", True),
        ("Why not?", True),
        ("what a pity it is done", True),
        ("it is done", False),
    ],
)
def test_what_may_be_a_question_is_known_without_marks_too(text: str, asked: bool) -> None:
    assert may_ask(text, ENGLISH) is asked
