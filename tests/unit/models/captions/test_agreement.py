"""Local agreement: stable words only grow, nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from models.captions.agreement import Agreement, LocalAgreement, comparable
from models.captions.interface import Word


def spoken(text: str, first_ms: int = 0) -> tuple[Word, ...]:
    """Words of 300 ms, one after the other."""
    return tuple(
        Word(word, first_ms + 300 * number, first_ms + 300 * (number + 1), 0.9)
        for number, word in enumerate(text.split())
    )


def shown(agreement: Agreement) -> str:
    return f"{agreement.stable_text} | {agreement.unstable_text}"


def update(agreement: LocalAgreement, words: Sequence[Word]) -> Agreement:
    return agreement.update(words, words[-1].end_ms if words else 0)


def test_a_word_is_stable_once_two_hypotheses_agree_on_it_and_all_before_it() -> None:
    agreement = LocalAgreement()
    assert shown(update(agreement, spoken("the cat"))) == " | the cat"
    assert shown(update(agreement, spoken("the cap is"))) == "the | cap is"
    assert shown(update(agreement, spoken("the cap is on"))) == "the cap is | on"


def test_case_and_punctuation_do_not_matter_but_are_kept_as_first_agreed() -> None:
    agreement = LocalAgreement()
    update(agreement, spoken("well, the cat"))
    assert shown(update(agreement, spoken("Well the CAT. sat"))) == "Well the CAT. | sat"
    assert comparable("--") == "--"
    assert comparable("Don't!") == comparable("dont")


def test_a_shorter_or_contradicting_hypothesis_withdraws_no_stable_word() -> None:
    agreement = LocalAgreement()
    update(agreement, spoken("we add the halves"))
    update(agreement, spoken("we add the halves"))
    assert shown(update(agreement, spoken("we add"))) == "we add the halves | "
    assert shown(update(agreement, ())) == "we add the halves | "
    later = spoken("he had a the halves", -300) + spoken("then stop", 1200)
    assert shown(update(agreement, later)) == "we add the halves | then stop"
    assert shown(update(agreement, later)) == "we add the halves then stop | "


def test_parted_words_stay_as_stable_as_they_were() -> None:
    both = Agreement(spoken("we add"), spoken("the halves", 600))
    for count in range(5):
        first, rest = both.parted(count)
        assert len(first.stable) + len(first.unstable) == count
        assert first.stable + rest.stable == both.stable
        assert first.unstable + rest.unstable == both.unstable
        assert not (first.unstable and rest.stable)


words = st.lists(st.sampled_from(["one", "One,", "half", "third", "is", "1/2", "..."]), max_size=8)


@given(st.lists(words, max_size=12))
def test_stable_words_only_grow(hypotheses: list[list[str]]) -> None:
    agreement = LocalAgreement()
    stable: tuple[Word, ...] = ()
    for texts in hypotheses:
        current = spoken(" ".join(texts))
        result = update(agreement, current)
        assert result.stable[: len(stable)] == stable
        stable = result.stable


@given(words, st.lists(st.integers(0, 8), max_size=12))
def test_of_consistent_hypotheses_no_word_is_lost_or_doubled(
    texts: list[str], lengths: list[int]
) -> None:
    everything = spoken(" ".join(texts))
    agreement = LocalAgreement()
    for length in sorted(lengths):
        result = update(agreement, everything[:length])
        assert result.stable + result.unstable == everything[:length]


@given(st.lists(words, min_size=1, max_size=12))
def test_what_is_not_stable_comes_from_the_newest_hypothesis_and_follows_in_time(
    hypotheses: list[list[str]],
) -> None:
    agreement = LocalAgreement()
    for texts in hypotheses:
        current = spoken(" ".join(texts))
        result = update(agreement, current)
        assert result.unstable == current[len(current) - len(result.unstable) :]
        both = result.stable + result.unstable
        assert [word.start_ms for word in both] == sorted({word.start_ms for word in both})
