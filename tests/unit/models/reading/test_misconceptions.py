from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.reading.misconceptions import LONGEST_QUOTE, misconception_of, quoted

APART = "Adds the tops and the bottoms of fractions, each for itself."


@pytest.mark.parametrize(
    ("question", "answer", "slip"),
    [
        ("What is 1/2 + 1/3?", "2/5", APART),
        ("What is one half plus one third?", "I think two fifths", APART),
        ("What is one half plus one third?", "five sixths", None),
        ("What is 3 plus 4?", "12", "multiplies"),
        ("What is 3 times 4?", "It's seven.", "adds"),
        ("What is 3 plus 4?", "8", None),
        ("What are 3 and 4?", "12", None),
        ("Is 3 plus 4 times 5 right?", "12", None),
        ("What is 3 plus 4?", "I don't know", None),
    ],
)
def test_a_slip_is_named_only_where_its_arithmetic_proves_it(
    question: str, answer: str, slip: str | None
) -> None:
    found = misconception_of(question, answer)
    assert found is None if slip is None else found is not None and slip in found


@given(first=st.integers(1, 90), second=st.integers(1, 90))
def test_a_right_answer_shows_no_slip(first: int, second: int) -> None:
    assume(first + second != first * second)
    assert misconception_of(f"What is {first} plus {second}?", str(first + second)) is None


@given(text=st.text(max_size=400))
def test_a_quote_is_one_pair_of_marks_and_short(text: str) -> None:
    made = quoted(text)
    assert made.count("“") == made.count("”") == 1
    assert '"' not in made
    assert len(made) <= LONGEST_QUOTE + 2
