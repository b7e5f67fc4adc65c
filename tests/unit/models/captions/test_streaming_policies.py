"""What each policy shows as stable, and what all of them keep: stable words only grow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.captions.agreement import LocalAgreement
from models.captions.interface import Word
from models.captions.streaming_policies import (
    AttentionGuided,
    EndpointOnly,
    PolicyName,
    StreamingPolicy,
    policy_for,
)

NAMES: list[PolicyName] = ["auto", "local-agreement", "attention-guided", "endpoint-only"]


def spoken(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(word, 300 * number, 300 * (number + 1), 0.9)
        for number, word in enumerate(text.split())
    )


def test_attention_far_enough_from_the_end_of_the_audio_makes_a_word_stable_at_once() -> None:
    policy = AttentionGuided(guard_ms=500)
    shown = policy.update(spoken("we add the halves"), 1200)
    assert (shown.stable_text, shown.unstable_text) == ("we add", "the halves")
    shown = policy.update(spoken("we add the house and"), 1500)
    assert (shown.stable_text, shown.unstable_text) == ("we add the", "house and")


def test_a_word_behind_one_that_still_moves_is_not_stable() -> None:
    policy = AttentionGuided(guard_ms=500)
    late, early = Word("late", 0, 900, 0.9), Word("early", 900, 950, 0.9)
    shown = policy.update((Word("a", 0, 100, 0.9), late, early), 1000)
    assert shown.stable_text == "a"


def test_nothing_is_stable_before_the_endpoint_where_that_is_asked() -> None:
    policy = EndpointOnly()
    for _ in range(3):
        shown = policy.update(spoken("we add the halves"), 9000)
        assert (shown.stable, shown.unstable_text) == ((), "we add the halves")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("auto", LocalAgreement),
        ("local-agreement", LocalAgreement),
        ("attention-guided", LocalAgreement),
        ("endpoint-only", EndpointOnly),
    ],
)
def test_without_cross_attention_nothing_is_guided_by_it(
    name: PolicyName, kind: type[StreamingPolicy]
) -> None:
    assert isinstance(policy_for(name, "acoustic-alignment"), kind)


def test_an_engine_with_cross_attention_may_be_guided_by_it() -> None:
    assert isinstance(policy_for("attention-guided", "cross-attention"), AttentionGuided)


def test_left_to_itself_an_engine_is_guided_by_its_attention_where_it_has_one() -> None:
    assert isinstance(policy_for("auto", "cross-attention"), AttentionGuided)
    assert isinstance(policy_for("local-agreement", "cross-attention"), LocalAgreement)


words = st.lists(st.sampled_from(["one", "One,", "half", "third", "is", "1/2"]), max_size=8)


@given(st.sampled_from(NAMES), st.lists(st.tuples(words, st.integers(0, 400)), max_size=12))
def test_stable_words_only_grow_whatever_is_heard(
    name: PolicyName, hypotheses: list[tuple[list[str], int]]
) -> None:
    policy = policy_for(name, "cross-attention")
    stable: tuple[Word, ...] = ()
    for texts, behind_ms in hypotheses:
        current = spoken(" ".join(texts))
        shown = policy.update(current, 300 * len(current) + behind_ms)
        assert shown.stable[: len(stable)] == stable
        assert shown.unstable == current[len(current) - len(shown.unstable) :]
        stable = shown.stable
