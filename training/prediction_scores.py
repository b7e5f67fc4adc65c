"""How well answers were foretold: area under the ROC curve with an interval over learners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from models.mastery.parameters import Array
from training.answer_sequences import Integers

RESAMPLES = 500
SEED = 20_260_101
"""Fixed, so that the same predictions always give the same interval."""


@dataclass(frozen=True, slots=True)
class Score:
    """Area under the ROC curve, its 95 % bootstrap interval over learners, and the log loss."""

    auc: float
    low: float
    high: float
    log_loss: float


def score(learner: Integers, right: Array, chance: Array) -> Score:
    """Compare foretold chances with answers; learners are drawn with replacement, whole."""
    groups = np.split(np.arange(len(learner)), np.flatnonzero(np.diff(learner)) + 1)
    generator = np.random.default_rng(SEED)
    resampled = []
    for _ in range(RESAMPLES):
        drawn = generator.integers(0, len(groups), len(groups))
        chosen = np.concatenate([groups[each] for each in drawn])
        resampled.append(roc_auc_score(right[chosen], chance[chosen]))
    low, high = np.quantile(resampled, [0.025, 0.975])
    likelihood = np.where(right > 0.5, chance, 1 - chance)
    return Score(
        float(roc_auc_score(right, chance)),
        float(low),
        float(high),
        -float(np.log(likelihood).mean()),
    )
