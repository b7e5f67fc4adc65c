"""How a lesson's own words and the others are counted apart."""

from __future__ import annotations

import numpy as np
import pytest

from eval.lesson_vocabulary import difference, other_errors, recall, sentence_counts
from eval.spoken_lessons import spoken_lessons

TERMS = ("right angle triangle", "hypotenuse")


@pytest.mark.parametrize(
    ("heard", "counts"),
    [
        ("the hypotenuse of a triangle", [2, 2, 3, 0]),
        ("the hypo tennis of a triangle", [2, 1, 3, 1]),
        ("a hypotenuse of a triangle", [2, 2, 3, 1]),
        ("hypotenuse of a triangle", [2, 2, 3, 1]),
        ("", [2, 0, 3, 3]),
    ],
)
def test_errors_on_other_words_and_insertions_are_harm(heard: str, counts: list[int]) -> None:
    assert sentence_counts("The hypotenuse of a triangle.", heard, TERMS) == counts


def test_a_difference_is_taken_over_the_same_sentences() -> None:
    before = np.array([[2, 0, 5, 1]] * 10)
    after = np.array([[2, 1, 5, 1]] * 10)
    gain, harm = difference(after, before, recall), difference(after, before, other_errors)
    assert (gain.value, gain.low, gain.high) == (0.5, 0.5, 0.5)
    assert (harm.value, harm.low, harm.high) == (0, 0, 0)


def test_nothing_that_is_tuned_on_is_reported_on() -> None:
    tuning, report = spoken_lessons("tuning"), spoken_lessons("report")
    said = [{text for lesson in half for text in lesson.sentences} for half in (tuning, report)]
    assert said[0].isdisjoint(said[1])
    assert all(lesson.terms for lesson in (*tuning, *report))
