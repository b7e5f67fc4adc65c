"""What one turn takes up of another."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.talk.overlap import OVERLAP, overlap, overlap_named, words_of


def test_words_lose_case_punctuation_and_apostrophes() -> None:
    assert words_of("It’s 3/4, isn't it?") == ["its", "3", "4", "isnt", "it"]


def test_saying_again_word_for_word_is_all_overlap() -> None:
    again = overlap_named("Add two here.", "add two here")
    assert again["equal"] == again["second_in_first"] == again["longest_run_of_first"] == 1
    assert again["question_mark"] == 0


def test_taking_up_part_of_it_lies_between_that_and_nothing() -> None:
    said = "I divided the twelve by 4 and got 3"
    part = overlap_named(said, "So you divided by 4. Why did you divide by 4?")
    other = overlap_named(said, "Please open your books.")
    assert 0 < part["content_second_in_first"] < 1
    assert part["numbers_in_common"] == 0.5
    assert part["asks_why_or_how"] == part["question_mark"] == part["says_you"] == 1
    assert other["content_second_in_first"] == other["longest_run_of_first"] == 0


def test_words_of_every_sentence_take_nothing_up() -> None:
    shared = overlap_named("I think it is the one", "it is the book")
    assert shared["second_in_first"] == 0.75
    assert shared["content_second_in_first"] == 0


@given(st.text(), st.text())
def test_any_two_texts_have_finite_numbers_in_range(first: str, second: str) -> None:
    values = overlap(first, second)
    assert values.shape == (len(OVERLAP),)
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert (values[2:] <= 1).all()
