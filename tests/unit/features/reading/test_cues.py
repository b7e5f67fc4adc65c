from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.reading.cues import (
    asks_for_help,
    is_correction,
    is_question,
    question_kind,
    sureness,
)
from features.reading.words import numbers_of


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Why do we need a common denominator?", "reason"),
        ("How do you know that?", "reason"),
        ("How do we add them?", "procedure"),
        ("How many parts are there?", "fact"),
        ("What is three plus four?", "fact"),
        ("Which one is larger?", "choice"),
        ("Does that make sense?", "check"),
        ("Is it a prime number?", "yes_no"),
    ],
)
def test_questions_are_of_kinds(sentence: str, kind: str) -> None:
    assert question_kind(sentence) == kind
    assert question_kind(sentence, "xx") == "other"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("It is two fifths.", "sure"),
        ("Maybe two fifths?", "hedged"),
        ("I think it's seven", "hedged"),
        ("I'm not sure. Two fifths?", "doubtful"),
        ("I don’t know", "doubtful"),
        ("I know, it is seven", "sure"),
    ],
)
def test_how_sure_somebody_says_to_be(text: str, how: str) -> None:
    assert sureness(text) == how


@pytest.mark.parametrize(
    ("text", "corrects"),
    [
        ("Exactly, well done.", False),
        ("That's not quite it", True),
        ("Not quite. Look at the bottom.", True),
        ("Hmm, not quite.", True),
        ("That is not correct.", True),
        ("That isn’t right.", True),
        ("It is not easy, is it?", False),
        ("We have not done sixths yet.", False),
        ("No, that is correct for halves only.", True),
        ("No problem, take your time.", False),
        ("No worries.", False),
        ("Nobody knows that.", False),
        ("Close. Look at the sign again.", True),
        ("Close your books.", False),
        ("Are you sure?", True),
        ("Wait, what was the question?", True),
        ("Now the next one.", False),
    ],
)
def test_a_correction_begins_with_it(text: str, corrects: bool) -> None:
    assert is_correction(text) is corrects
    assert not is_correction(text, "xx")


def test_help_and_questions_are_found_as_engagement_finds_them() -> None:
    assert asks_for_help("Sorry, I'm stuck here")
    assert is_question("So. What is a half?")
    assert not is_question("Okay?")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("three quarters is 3/4 or 0.75 or 75%", [Fraction(3, 4)] * 4),
        ("twenty five and 1,250", [25, 1250]),
        ("one half and one third are not two fifths", ["1/2", "1/3", "2/5"]),
        ("a half of eight", ["1/2", 8]),
        ("the third exercise", []),
        ("-3 degrees", [-3]),
        ("1/0", []),
        ("two hundred and five, one and a half", [205, "3/2"]),
        ("1,250.5 and 3.4.5", ["1250.5"]),
        ("nothing here", []),
    ],
)
def test_numbers_are_found_however_they_are_said(text: str, numbers: list[object]) -> None:
    assert numbers_of(text) == [Fraction(str(one)) for one in numbers]


@given(top=st.integers(0, 999), bottom=st.integers(1, 999))
def test_written_fractions_are_exact(top: int, bottom: int) -> None:
    assert numbers_of(f"it is {top}/{bottom}.") == [Fraction(top, bottom)]


@given(text=st.text(max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    for language in ("en", "xx"):
        numbers_of(text, language)
        assert question_kind(text, language)
        assert sureness(text, language)
