"""Word error rate on texts whose errors can be counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.scoring import score


def test_errors_are_summed_over_clips_before_dividing() -> None:
    result = score(["the red one is last", "Yes."], ["the red is last", "no"])
    assert result.words == 6
    assert result.word_error_rate == pytest.approx(2 / 6)


def test_case_punctuation_and_spelling_do_not_count() -> None:
    assert score(["Take the colour red!"], ["take the color red"]).word_error_rate == 0
    assert score(["I don't know."], ["i do not know"]).word_error_rate == 0


def test_a_silent_engine_has_every_word_wrong() -> None:
    result = score(["a b c", "d e"], ["", ""])
    assert (result.word_error_rate, result.low, result.high) == (1, 1, 1)


texts = st.lists(st.sampled_from(["red", "green", "blue", "seven"]), min_size=1, max_size=9)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_the_interval_holds_the_rate(pairs: list[tuple[list[str], list[str]]]) -> None:
    said = [" ".join(one) for one, _ in pairs]
    heard = [" ".join(other) for _, other in pairs]
    result = score(said, heard)
    assert 0 <= result.low <= result.word_error_rate + 1e-9
    assert result.high >= result.word_error_rate - 1e-9
    assert score(said, heard) == result
