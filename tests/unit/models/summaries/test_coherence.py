"""How words hang together: better as they were said than as they were misheard."""

from __future__ import annotations

import random
from statistics import fmean

import pytest

from models.summaries.coherence import COHERENT, LEAST_WORDS, coherence_of, gains_of

SAID = (
    "The water runs down the hill because the ground is steep there.",
    "Can you tell me what happens to the water when it gets to the sea?",
    "We have to look at the map first, and then we can answer the question.",
    "I think that it gets slower, because there is nothing that makes it run.",
)


def shuffled(text: str, seed: int) -> str:
    words = text.strip(".?").lower().split()
    random.Random(seed).shuffle(words)
    return " ".join(words)


def test_words_in_their_order_help_each_other_and_shuffled_ones_do_not() -> None:
    told = coherence_of(SAID * 3, "en")
    mixed = coherence_of([shuffled(text, seed) for seed in range(3) for text in SAID], "en")
    assert told is not None
    assert mixed is not None
    assert mixed < COHERENT < told


def test_a_rare_word_alone_does_not_make_a_sentence_look_misheard() -> None:
    plain = fmean(gains_of("the plant needs a lot of light"))
    rare = fmean(gains_of("the chlorophyll needs a lot of light"))
    assert rare == pytest.approx(plain, abs=0.7)


@pytest.mark.parametrize("unknown", ["3", "plaied", "3/4"])
def test_what_the_model_does_not_know_counts_neither_way(unknown: str) -> None:
    assert len(gains_of(f"it is {unknown} of them")) == len(gains_of("it is")) + 1


def test_a_sentence_begins_anew_behind_a_full_stop() -> None:
    assert gains_of("Look here. You are right.") == [
        *gains_of("Look here."),
        *gains_of("You are right."),
    ]


@pytest.mark.parametrize("text", ["", "…", "42", "?!"])
def test_no_words_gain_nothing(text: str) -> None:
    assert gains_of(text) == []


def test_few_words_tell_nothing_of_a_lesson() -> None:
    assert coherence_of(SAID[:1], "en") is None
    assert sum(len(gains_of(text)) for text in SAID[:1]) < LEAST_WORDS


def test_of_a_language_without_a_model_nothing_is_told() -> None:
    assert coherence_of(["Das Wasser fließt den Berg hinab."] * 50, "de") is None
