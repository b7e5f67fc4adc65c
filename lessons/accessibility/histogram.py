"""Latencies counted in fixed buckets: histograms of many tracks and viewers add up exactly."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

BUCKET_ENDS_MS: tuple[int, ...] = (
    *range(100, 1_000, 100),
    *range(1_000, 3_000, 200),
    *range(3_000, 6_000, 500),
    *range(6_000, 10_000, 1_000),
    *(10_000, 12_000, 15_000, 20_000, 30_000, 60_000),
)
"""The most that each bucket holds, in milliseconds; one more bucket holds whatever is above."""

BUCKETS = len(BUCKET_ENDS_MS) + 1


def histogram(latencies_ms: Iterable[float]) -> list[int]:
    """Return how many of the latencies lie in each of the `BUCKETS`."""
    counts = [0] * BUCKETS
    for latency in latencies_ms:
        counts[bisect_left(BUCKET_ENDS_MS, latency)] += 1
    return counts


def added(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Return the histogram of what both count."""
    return [a + b for a, b in zip(one, other, strict=True)]


def histogram_quantile(counts: Sequence[int], share: float) -> int | None:
    """Return the end of the bucket in which the quantile lies: it is at most that, in milliseconds.

    Of what lies above the last bucket only that is known, so its end is what comes back. None where
    nothing was counted.
    """
    rank = _rank(sum(counts), share)
    for end, count in zip(BUCKET_ENDS_MS, counts, strict=False):
        rank -= count
        if rank < 0:
            return end
    return BUCKET_ENDS_MS[-1] if sum(counts) else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank quantile of values; None of none."""
    if not values:
        return None
    return sorted(values)[_rank(len(values), share)]


def _rank(count: int, share: float) -> int:
    """Return the place, from 0, of the quantile among `count` sorted values."""
    return max(0, -(-round(share * 1_000) * count // 1_000) - 1)
