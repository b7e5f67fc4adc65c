from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.segment_scores import Flags, boundary_f1, count_errors, score_division


def _begins(rows: int, *places: int) -> Flags:
    begins = np.zeros(rows, np.bool_)
    begins[list(places)] = True
    return begins


def test_a_right_division_has_no_errors() -> None:
    counts = count_errors(_begins(40, 10, 20), _begins(40, 10, 20))
    assert (counts.pk, counts.window_diff, counts.found) == (0, 0, 2)
    assert boundary_f1([counts]) == 1


def test_pk_and_window_diff_by_hand() -> None:
    # Two segments of 4 rows: a window of 2, of which 6 fit; two of them span the boundary.
    missed = count_errors(_begins(8, 4), _begins(8))
    assert missed.pk == missed.window_diff == pytest.approx(2 / 6)
    # WindowDiff sees one boundary too many beside the right one; Pk does not.
    doubled = count_errors(_begins(8, 4), _begins(8, 4, 5))
    assert doubled.pk == pytest.approx(1 / 6)
    assert doubled.window_diff == pytest.approx(2 / 6)


def test_a_boundary_counts_as_found_once_and_within_three_rows() -> None:
    true = _begins(60, 20, 40)
    assert count_errors(true, _begins(60, 17, 44)).found == 1
    assert count_errors(true, _begins(60, 18, 19, 20, 21)).found == 1
    assert count_errors(true, _begins(60)).found == 0


flags = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80)


@given(flags)
def test_window_diff_is_never_below_pk(pairs: list[tuple[bool, bool]]) -> None:
    true, told = np.array(pairs).T
    counts = count_errors(true, told)
    assert 0 <= counts.pk <= counts.window_diff <= 1
    assert counts.found <= min(counts.true, counts.told)


def test_intervals_hold_the_mean_over_lessons() -> None:
    right = count_errors(_begins(40, 20), _begins(40, 20))
    wrong = count_errors(_begins(40, 20), _begins(40))
    score = score_division([right, wrong] * 10)
    assert score.pk.value == pytest.approx(wrong.pk / 2)
    assert score.pk.low < score.pk.value < score.pk.high
    assert (score.ratio, score.lessons) == (0.5, 20)
