"""Where a long sentence is cut: in its last gap between settled words, and never in a short one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.captions.early_commit import Cut, EarlyCommit
from models.captions.interface import Word

RULES = EarlyCommit(long_ms=5000, least_ms=3000, gap_ms=60, guard_ms=500)


def spoken(*spans_ms: tuple[int, int]) -> tuple[Word, ...]:
    return tuple(Word(f"w{number}", *span, 0.9) for number, span in enumerate(spans_ms))


EVEN = spoken(*((start, start + 450) for start in range(1000, 6000, 500)))


def test_a_short_sentence_is_left_alone() -> None:
    assert RULES.cut(EVEN, 1000, 5900) is None


def test_of_gaps_alike_the_last_one_between_settled_words_is_taken() -> None:
    assert RULES.cut(EVEN, 1000, 6500) == Cut(5475, 9)
    assert RULES.cut(EVEN, 1000, 6400) == Cut(4975, 8)


def test_a_gap_that_can_be_heard_is_taken_before_a_later_one_that_cannot() -> None:
    words = spoken((1000, 1500), (1600, 4200), (4300, 5000), (5010, 5400), (5420, 6000))
    assert RULES.cut(words, 1000, 7000) == Cut(4250, 2)


def test_words_at_the_end_of_the_audio_may_still_move() -> None:
    words = spoken((1000, 4000), (4010, 5600), (5700, 6000))
    assert RULES.cut(words, 1000, 6050) is None


def test_the_first_part_is_never_too_short() -> None:
    words = spoken((1000, 1500), (3000, 3500), (3520, 3990), (4010, 4500))
    assert RULES.cut(words, 1000, 7000) is None


@given(
    gaps=st.lists(st.tuples(st.integers(0, 400), st.integers(50, 900)), max_size=20),
    behind_ms=st.integers(0, 3000),
)
def test_a_cut_lies_between_two_settled_words(gaps: list[tuple[int, int]], behind_ms: int) -> None:
    spans, at = [], 0
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at += gap + length
    words = spoken(*spans)
    cut = RULES.cut(words, 0, at + behind_ms)
    if cut is None:
        return
    before, after = list(pairwise(words))[cut.words - 1]
    assert before.end_ms <= cut.at_ms <= after.start_ms
    assert cut.at_ms >= RULES.least_ms
    assert after.end_ms <= at + behind_ms - RULES.guard_ms
