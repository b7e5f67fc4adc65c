from __future__ import annotations

import pytest

from operations.recaps.reading_level import LEAST_GRADE, reading_grade

# Published examples of the formula (Wikipedia, "Flesch-Kincaid readability tests").
PUBLISHED = {
    "The cat sat on the mat.": -1.4,
    "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.": 11.3,
}


@pytest.mark.parametrize("text", PUBLISHED)
def test_the_grade_is_the_published_one(text: str) -> None:
    assert reading_grade(text) == pytest.approx(PUBLISHED[text], abs=0.06)


def test_shorter_sentences_and_shorter_words_read_more_easily() -> None:
    one = "Ada worked on tasks and she spoke in the lesson and she asked for help."
    three = "Ada worked on tasks. She spoke in the lesson. She asked for help."
    hard = "Ada accomplished exercises. She participated verbally. She requested assistance."
    assert reading_grade(three) < reading_grade(one)
    assert reading_grade(three) < reading_grade(hard)


def test_lines_are_sentences_and_unknown_words_are_counted_by_their_vowels() -> None:
    assert reading_grade("Practise it\nTry again") == reading_grade("Practise it. Try again.")
    assert reading_grade("Zbrzyx") == reading_grade("Cat")


@pytest.mark.parametrize("text", ["", "…", "“”  \n\n"])
def test_nothing_to_read_is_no_failure(text: str) -> None:
    assert reading_grade(text) == LEAST_GRADE
