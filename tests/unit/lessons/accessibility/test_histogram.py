"""Latencies in buckets: nothing is lost, and a quantile is never told as less than it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lessons.accessibility.histogram import (
    BUCKET_ENDS_MS,
    added,
    histogram,
    histogram_quantile,
    quantile,
)

latencies = st.lists(st.integers(0, 60_000), min_size=1, max_size=200)
shares = st.sampled_from([0.5, 0.95, 0.99])


@given(latencies, shares)
def test_a_quantile_lies_in_the_bucket_of_the_exact_one(values: list[int], share: float) -> None:
    exact = quantile(values, share)
    told = histogram_quantile(histogram(values), share)
    assert exact is not None
    assert told is not None
    below = max((end for end in BUCKET_ENDS_MS if end < told), default=-1)
    assert below < exact <= told


@given(latencies, latencies)
def test_histograms_add_up_to_that_of_all(one: list[int], other: list[int]) -> None:
    assert added(histogram(one), histogram(other)) == histogram(one + other)


def test_the_quantile_is_the_nearest_rank() -> None:
    values = list(range(1, 21))
    assert [quantile(values, share) for share in (0.5, 0.95, 0.99)] == [10, 19, 20]
    assert quantile([7], 0.95) == 7


def test_of_nothing_there_is_no_quantile_and_of_what_is_too_late_only_that_is_known() -> None:
    assert quantile([], 0.95) is None
    assert histogram_quantile(histogram([]), 0.95) is None
    assert histogram_quantile(histogram([900_000]), 0.95) == BUCKET_ENDS_MS[-1]
