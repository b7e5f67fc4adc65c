"""How surely a quotation was heard, by the words that it has and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.summaries.hearing import MISHEARD, HeardWord, clarity, doubted, misheard, words_heard

TEXT = "No, they don’t eat the soil. The shudder is made in the leaves."
CONFIDENCES = (0.9, 0.99, 0.98, 0.99, 0.99, 0.97, 0.99, 0.5, 0.98, 0.99, 0.99, 0.99, 0.98)


def test_the_words_of_a_quotation_are_found_whatever_its_marks() -> None:
    heard = words_heard("the shudder is made in the leaves", TEXT, CONFIDENCES)
    assert [word.text for word in heard] == ["the", "shudder", "is", "made", "in", "the", "leaves"]
    assert heard[1].confidence == 0.5
    assert words_heard("they don't eat the soil.", TEXT, CONFIDENCES)[1] == HeardWord("don't", 0.98)


@pytest.mark.parametrize(
    ("quote", "confidences"),
    [("the sugar is made", CONFIDENCES), ("", CONFIDENCES), ("the shudder is made", ())],
)
def test_nothing_is_known_of_what_does_not_stand_there_or_was_not_rated(
    quote: str, confidences: tuple[float, ...]
) -> None:
    assert words_heard(quote, TEXT, confidences) == []


def test_only_the_words_that_make_it_doubtful_are_named() -> None:
    assert doubted(words_heard("The shudder is made in the leaves.", TEXT, CONFIDENCES)) == [
        "shudder"
    ]
    assert doubted(words_heard("They don't eat the soil.", TEXT, CONFIDENCES)) == []


words = st.lists(st.builds(HeardWord, st.sampled_from("abc"), st.floats(0, 1)), max_size=30)


@given(words)
def test_what_is_left_without_the_doubted_words_was_heard_well(heard: list[HeardWord]) -> None:
    found = doubted(heard)
    assert bool(found) == (misheard(heard) > MISHEARD)
    surest = sorted(heard, key=lambda word: word.confidence)[len(found) :]
    assert misheard(surest) <= MISHEARD
    assert 0 <= clarity(heard) <= 1
