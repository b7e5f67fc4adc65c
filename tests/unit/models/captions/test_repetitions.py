"""Loops are cut, and what people and lessons repeat is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.captions.interface import Word
from models.captions.repetitions import MOST_TIMES_WITH_NUMBER, cut_loops


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(word, 300 * number, 300 * (number + 1), 0.9)
        for number, word in enumerate(text.split())
    )


def cut(text: str) -> str:
    return " ".join(word.text for word in cut_loops(spoken(text)))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("the the the the", "the"),
        ("so the The the, the the answer", "so the answer"),
        ("thank you thank you thank you thank you", "thank you"),
        ("we add it and we add it and we add it and we add it and stop", "we add it and stop"),
        ("a b b b b a b b b b a b b b b a b b b b", "a b"),
        ("two " * 9, "two"),
    ],
)
def test_of_a_loop_the_first_round_is_kept(text: str, kept: str) -> None:
    assert cut(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no no no that is not it",
        "very very good",
        "one million is one zero zero zero zero zero zero",
        "1 0 0 0 0 0 0",
        "two plus two plus two plus two plus two is ten",
        "the cat and the dog and the cow",
    ],
)
def test_what_people_repeat_is_kept(text: str) -> None:
    assert cut(text) == text


texts = st.lists(st.sampled_from(["the", "a", "two", "half", "The,", "..."]), max_size=60)


@given(texts)
def test_what_is_kept_is_a_part_of_what_was_heard_in_its_order(heard: list[str]) -> None:
    words = spoken(" ".join(heard))
    kept = cut_loops(words)
    rest = iter(words)
    assert all(word in rest for word in kept)
    assert bool(kept) == bool(words)


@given(texts)
def test_cutting_again_cuts_nothing(heard: list[str]) -> None:
    once = cut_loops(spoken(" ".join(heard)))
    assert cut_loops(once) == once


@given(texts, st.lists(st.sampled_from("bcdef"), min_size=1, max_size=12), st.integers(1, 40))
def test_no_phrase_comes_more_often_than_people_say_it(
    before: list[str], phrase: list[str], times: int
) -> None:
    kept = cut(" ".join([*before, *phrase * times]))
    assert " ".join(phrase * (MOST_TIMES_WITH_NUMBER + 1)) not in kept
