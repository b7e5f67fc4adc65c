from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.reading.cues import (
    asks_for_help,
    homework_sentences,
    is_correction,
    is_praise,
    is_question,
    question_kind,
    sureness,
)
from features.reading.words import names_in, numbers_of, overlap


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
    ("text", "praises", "corrects"),
    [
        ("Exactly, well done.", True, False),
        ("That's not quite it", False, False),
        ("Not quite. Look at the bottom.", False, True),
        ("No, that is correct for halves only.", False, True),
        ("No problem, take your time.", False, False),
        ("That is not correct.", False, False),
        ("Are you sure?", False, True),
        ("Now the next one.", False, False),
    ],
)
def test_praise_and_correction(text: str, praises: bool, corrects: bool) -> None:
    assert (is_praise(text), is_correction(text)) == (praises, corrects)


def test_homework_is_what_is_set_not_what_was() -> None:
    text = (
        "Did you do your homework at home? The homework was hard last week. "
        "For homework, please do questions one to six. Goodbye."
    )
    assert homework_sentences(text) == ["For homework, please do questions one to six."]
    assert homework_sentences("Is there something for homework?") == []
    assert homework_sentences(text, "xx") == []


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
        homework_sentences(text, language)
        assert 0.0 <= overlap(text, text, language) <= 1.0


def test_names_are_found_by_their_capitals() -> None:
    names = ["Will Young", "Ada"]
    assert names_in("Will you, Ada?", names) == {"Will Young", "Ada"}
    assert names_in("I will add a mat", names) == frozenset()


def test_overlap_is_of_words_that_say_something() -> None:
    assert overlap("the lowest common denominator", "A common denominator, yes", "en") == 2 / 3
    assert overlap("it is", "it is", "en") == 0.0
