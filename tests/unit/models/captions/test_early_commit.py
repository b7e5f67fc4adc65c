"""Where a long sentence is cut: between stable words, in the widest gap, never in a short one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.captions.agreement import Agreement
from models.captions.early_commit import Cut, EarlyCommit
from models.captions.interface import Word

RULES = EarlyCommit(long_ms=5000, least_ms=3000, after_ms=300)


def spoken(*spans_ms: tuple[int, int]) -> tuple[Word, ...]:
    return tuple(Word(f"w{number}", *span, 0.9) for number, span in enumerate(spans_ms))


EVEN = spoken(*((start, start + 450) for start in range(1000, 6000, 500)))


def test_a_short_sentence_is_left_alone() -> None:
    assert RULES.cut(Agreement(EVEN, ()), 1000, 5900) is None


def test_of_equal_gaps_the_last_one_that_has_stable_speech_behind_it_is_taken() -> None:
    assert RULES.cut(Agreement(EVEN, ()), 1000, 6500) == Cut(5475, 9)


def test_the_widest_gap_is_taken_before_a_later_one() -> None:
    words = spoken((1000, 1500), (1600, 4200), (4500, 5000), (5050, 5400), (5450, 6000))
    assert RULES.cut(Agreement(words, ()), 1000, 7000) == Cut(4350, 2)


def test_words_that_may_still_change_are_not_cut_at() -> None:
    assert RULES.cut(Agreement((), EVEN), 1000, 7000) is None
    assert RULES.cut(Agreement(EVEN[:6], EVEN[6:]), 1000, 7000) is None


def test_the_first_part_is_never_too_short() -> None:
    words = spoken((1000, 1500), (3000, 3500), (3520, 3990), (4010, 4500))
    assert RULES.cut(Agreement(words, ()), 1000, 7000) is None


@given(
    gaps=st.lists(st.tuples(st.integers(0, 400), st.integers(50, 900)), max_size=20),
    stable=st.integers(0, 20),
    heard_ms=st.integers(0, 3000),
)
def test_a_cut_lies_between_two_stable_words(
    gaps: list[tuple[int, int]], stable: int, heard_ms: int
) -> None:
    spans, at = [], 0
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    words = spoken(*spans)
    agreement = Agreement(words[:stable], words[stable:])
    cut = RULES.cut(agreement, 0, at + heard_ms)
    if cut is None:
        return
    assert 1 <= cut.words < len(agreement.stable)
    before, after = list(pairwise(agreement.stable))[cut.words - 1]
    assert before.end_ms <= cut.at_ms <= after.start_ms
    assert cut.at_ms >= RULES.least_ms
    assert agreement.stable[-1].end_ms - cut.at_ms >= RULES.after_ms
