from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.languages.language_words import words_of
from models.summaries.arithmetic import asked_value, numbers_in
from models.summaries.tokens import sentences_in, tokens_of

WORDS = words_of("en")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("two hundred and forty kilometres", [240]),
        ("twenty-five percent of 1,200", [25, 1200]),
        ("three quarters and 3/4 and 0.75", [Fraction(3, 4)] * 3),
        ("one and a half, zero point seven five", [Fraction(3, 2), Fraction(3, 4)]),
        ("a quarter off, half of it, a hundred and forty", [Fraction(1, 4), Fraction(1, 2), 140]),
        ("exercises four to six", [4, 6]),
        ("two four six", [2, 4, 6]),
        ("the first and the third example", []),
        ("1/0 is no number", []),
        ("three thousand two hundred and five", [3205]),
    ],
)
def test_numbers_are_read_as_words_and_as_digits(text: str, numbers: list[int | Fraction]) -> None:
    assert numbers_in(text, WORDS) == numbers


@given(st.integers(min_value=0, max_value=99_999))
def test_a_number_is_the_same_with_and_without_its_comma(number: int) -> None:
    assert numbers_in(f"it is {number:,} in all", WORDS) == [number]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    for token in tokens_of(text, WORDS):
        assert token.text


@pytest.mark.parametrize(
    ("text", "word", "negated"),
    [
        ("No, they eat the soil.", "soil", False),
        ("They do not eat the soil.", "soil", True),
        ("They don't eat soil, but they drink water.", "water", False),
        ("At night no sugar is made.", "sugar", True),
        ("no x can be a fraction too", "fraction", False),
        ("A plant lives without soil.", "soil", True),
    ],
)
def test_a_negation_reaches_to_the_end_of_its_clause(text: str, word: str, negated: bool) -> None:
    (token,) = [token for token in tokens_of(text, WORDS) if token.text == word]
    assert token.negated is negated


def test_sentences_end_at_marks_and_not_at_decimal_points() -> None:
    assert sentences_in("It is 3.5 metres. Is it? Yes…") == ["It is 3.5 metres.", "Is it?", "Yes…"]
    assert sentences_in("no marks at all") == ["no marks at all"]
    assert sentences_in(" ... ") == []


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is one third plus one sixth?", Fraction(1, 2)),
        ("seven times eight", 56),
        ("And twenty percent of fifty, Hugo?", 10),
        ("a quarter of twelve", 3),
        ("three of four answers", None),
        ("five x minus two equals thirteen", None),
        ("two plus two and three plus three", None),
    ],
)
def test_the_sum_that_is_asked_for_is_worked_out(
    question: str, value: int | Fraction | None
) -> None:
    assert asked_value(question, WORDS) == value
