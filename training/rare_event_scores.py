"""How well chances find what is rare: average precision and precision at half recall.

Both with 95 % bootstrap intervals over learners, who are drawn whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from training.activity_log import Flags, Floats, Integers

RESAMPLES = 500
SEED = 20_261_126
RECALL = 0.5


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval over learners."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class RareEventScore:
    """How well the events were found.

    Attributes:
        average_precision: area under the curve of precision over recall.
        precision: the best one at a recall of half or more.
        auc: area under the ROC curve.
        rate: share of rows that are events, which is what chance reaches.
        rows: how many there are.
    """

    average_precision: Interval
    precision: Interval
    auc: float
    rate: float
    rows: int


def score_rare_events(learner: Integers, event: Flags, chance: Floats) -> RareEventScore:
    """Compare chances with what was; rows of a learner are drawn together."""
    order = np.argsort(-chance, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(chance[order])), len(order) - 1)
    ranked = _Ranked(event[order], ends)
    learners, number = np.unique(learner[order], return_inverse=True)
    generator = np.random.default_rng(SEED)
    drawn = []
    for _ in range(RESAMPLES):
        picked = generator.integers(0, len(learners), len(learners))
        weight = np.bincount(picked, minlength=len(learners))[number]
        if weight[ranked.event].any():
            drawn.append(ranked.figures(weight))
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    average, precision = ranked.figures(np.ones(len(order), np.int64))
    return RareEventScore(
        Interval(average, float(low[0]), float(high[0])),
        Interval(precision, float(low[1]), float(high[1])),
        float(roc_auc_score(event, chance)),
        float(event.mean()),
        len(event),
    )


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Rows from the highest chance to the lowest; `ends` are the last rows of equal chances."""

    event: Flags
    ends: Integers

    def figures(self, weight: Integers) -> tuple[float, float]:
        """Return average precision and precision at half recall, each row so many times."""
        hits = np.cumsum(weight * self.event)[self.ends]
        found = np.cumsum(weight)[self.ends]
        precision = hits / np.maximum(found, 1)
        recall = hits / hits[-1]
        average = (np.diff(recall, prepend=0.0) * precision).sum()
        return float(average), float(precision[recall >= RECALL].max())
