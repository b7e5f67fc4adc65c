"""What earlier minutes of a score say of this one: of the learner, of earlier lessons, of others.

A score is any number a minute that is known at the minute's end.
"""

from __future__ import annotations

import numpy as np

from training.activity_log import Floats, Integers
from training.activity_minutes import Minutes

LAGS = (1, 2, 3, 4, 5)
WEIGHTS = (0.5, 0.2, 0.05)
"""Of the newest minute in running means; they remember about 2, 5 and 20 minutes."""


def score_history(minutes: Minutes, score: Floats) -> dict[str, Floats]:
    """Return features of each minute from the scores of minutes before it, NaN where none is."""
    columns: dict[str, Floats] = {}
    for lag in LAGS:
        same = minutes.attendance[lag:] == minutes.attendance[:-lag]
        columns[f"own past: {lag} minutes ago"] = np.concatenate(
            [np.full(min(lag, len(score)), np.nan), np.where(same, score[:-lag], np.nan)]
        )
    for weight in WEIGHTS:
        columns[f"own past: running mean {weight}"] = _running_mean(minutes, score, weight)
    so_far, earlier = _means_before(minutes, score)
    columns["own past: this lesson so far"] = so_far
    columns["own past: earlier lessons"] = earlier
    columns["own past: rise over this lesson"] = score - so_far
    return columns


def score_of_others(minutes: Minutes, score: Floats) -> dict[str, Floats]:
    """Return the mean score of the other learners in the same minute, and how many there are."""
    _, moment = np.unique(minutes.end_s, return_inverse=True)
    count = np.bincount(moment)[moment]
    total = np.bincount(moment, score)[moment]
    others = np.where(count > 1, (total - score) / np.maximum(count - 1, 1), np.nan)
    return {"others: mean": others, "others: learners": count.astype(np.float64)}


def _running_mean(minutes: Minutes, score: Floats, weight: float) -> Floats:
    before = np.full(len(score), np.nan)
    mean = np.nan
    for number, value in enumerate(score):
        if number and minutes.attendance[number] != minutes.attendance[number - 1]:
            mean = np.nan
        before[number] = mean
        mean = value if np.isnan(mean) else mean + weight * (value - mean)
    return before


def _means_before(minutes: Minutes, score: Floats) -> tuple[Floats, Floats]:
    """Return the mean of this attendance's earlier minutes, and of earlier attendances."""
    total = np.concatenate([[0.0], np.cumsum(score)])
    here = np.arange(len(score))
    first = np.searchsorted(minutes.attendance, minutes.attendance)
    learner_first = np.searchsorted(minutes.learner, minutes.learner)
    return _mean(total, first, here), _mean(total, learner_first, first)


def _mean(total: Floats, begin: Integers, end: Integers) -> Floats:
    count = end - begin
    return np.where(count > 0, (total[end] - total[begin]) / np.maximum(count, 1), np.nan)
