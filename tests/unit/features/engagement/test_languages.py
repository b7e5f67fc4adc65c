"""How questions and calls for help sound in English."""

from __future__ import annotations

import pytest

from features.engagement.languages import ENGLISH


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
    assert ENGLISH.questions(text)


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
    asked = [sentence.words for sentence in ENGLISH.questions(text)]
    assert asked == []


@pytest.mark.parametrize(
    "text", ["I don’t understand this.", "um I'm stuck", "Could you explain that again please"]
)
def test_calls_for_help_are_found(text: str) -> None:
    assert ENGLISH.asks_for_help(text)


@pytest.mark.parametrize("text", ["I understand.", "The truck is stuck", "helpful", ""])
def test_other_words_are_no_call_for_help(text: str) -> None:
    assert not ENGLISH.asks_for_help(text)
