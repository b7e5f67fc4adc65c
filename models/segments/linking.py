"""Which problem each of some segments is about, where their borders are known already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.segments.card import DecodingWeights, Habits
from models.segments.decoding import Evidence, order_scores


def link(
    evidence: Evidence,
    segments: Sequence[tuple[int, int]],
    weights: DecodingWeights,
    habits: Habits,
) -> list[int]:
    """Return the place of each segment's problem on the worksheet, the likeliest in this order.

    Args:
        segments: first row, and row after the last, of segments that are about a problem.
    """
    if not segments or not evidence.fit.shape[1]:
        return []
    scores = np.stack(
        [
            weights.fit * evidence.fit[start:end].sum(axis=0)
            + weights.number * evidence.numbers[start]
            for start, end in segments
        ]
    )
    orders = weights.order * order_scores(evidence.fit.shape[1], habits)
    best, previous = scores[0], []
    for score in scores[1:]:
        follow = best[:, np.newaxis] + orders
        previous.append(follow.argmax(axis=0))
        best = follow.max(axis=0) + score
    places = [int(best.argmax())]
    for back in reversed(previous):
        places.append(int(back[places[-1]]))
    return places[::-1]
