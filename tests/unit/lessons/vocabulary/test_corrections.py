"""What corrections teach."""

from __future__ import annotations

import pytest

from lessons.vocabulary import Correction
from lessons.vocabulary.corrections import corrected_terms


@pytest.mark.parametrize(
    ("heard", "said", "terms"),
    [
        ("the hypo tennis is long", "The hypotenuse is long.", ["hypotenuse"]),
        ("three quarters", "three quarters", []),
        ("a right and a triangle", "a right angle triangle", ["angle"]),
        ("hypotenuse is long the", "the hypotenuse is long", []),
        ("I have to go", "I half to go", []),
        ("", "mitosis", ["mitosis"]),
    ],
)
def test_what_was_put_in_is_a_term_and_what_was_heard_is_not(
    heard: str, said: str, terms: list[str]
) -> None:
    assert corrected_terms([Correction(heard, said)], "en") == terms


def test_an_ordinary_word_is_a_term_once_it_was_put_right_twice() -> None:
    corrections = [Correction("I have it", "I half it"), Correction("two halve", "two half")]
    assert corrected_terms(corrections[:1], "en") == []
    assert corrected_terms(corrections, "en") == ["half"]


def test_grammars_own_words_are_none_however_often_they_are_put_right() -> None:
    assert corrected_terms([Correction("we went", "they went")] * 3, "en") == []
