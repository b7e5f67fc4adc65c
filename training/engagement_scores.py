"""How well states were told, with intervals over learners: macro-F1, precision-recall, calibration.

Windows of one learner are alike, so learners are drawn with replacement, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.engagement.interface import Array
from models.engagement.states import AWAY, DRIFTING, STATES, STUCK
from models.engagement.temporal import Gain
from training.calibration import BINS

RESAMPLES = 200
SEED = 20_260_101
"""Fixed, so that the same predictions always give the same interval."""

NEEDS = {
    "drifting or away": (STATES.index(DRIFTING), STATES.index(AWAY)),
    "stuck": (STATES.index(STUCK),),
}
"""What a tutor would want to be told of."""

Floats = NDArray[np.float64]
Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its 95 % bootstrap interval over learners."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Told:
    """What was true of some learners, and what a model said.

    Attributes:
        truth: by learner, shape (windows,), index in `STATES`.
        chances: by learner, shape (windows, states).
    """

    truth: Sequence[NDArray[np.int64]]
    chances: Sequence[Array]


@dataclass(frozen=True, slots=True)
class Scores:
    """One model on one set of learners.

    Attributes:
        needs: by name of a need, the area under its precision-recall curve.
    """

    learners: int
    macro_f1: Interval
    needs: dict[str, Interval]
    calibration_error: Interval


def scores_of(told: Told) -> Scores:
    """Return what one model reached."""
    needs = {
        name: interval(_average_precision(told, states), len(told.truth))
        for name, states in NEEDS.items()
    }
    return Scores(
        len(told.truth),
        interval(_macro_f1(told), len(told.truth)),
        needs,
        interval(_calibration(told), len(told.truth)),
    )


def gain(better: Told, worse: Told) -> Gain:
    """Return by how much one model's macro-F1 lies above another's on the same learners."""
    first, second = _macro_f1(better), _macro_f1(worse)
    difference = interval(lambda weights: first(weights) - second(weights), len(better.truth))
    return Gain(value=difference.value, low=difference.low, high=difference.high)


Figure = Callable[[Weights], float]
"""A figure from how often each learner was drawn, shape (learners,)."""


def interval(figure: Figure, learners: int) -> Interval:
    """Return a figure over all learners, and its interval."""
    generator = np.random.default_rng(SEED)
    drawn = generator.multinomial(learners, np.full(learners, 1 / learners), RESAMPLES)
    resampled = [figure(weights) for weights in drawn.astype(np.float64)]
    low, high = np.nanquantile(resampled, [0.025, 0.975])
    return Interval(figure(np.ones(learners)), float(low), float(high))


def _macro_f1(told: Told) -> Figure:
    count = len(STATES)
    tables = np.stack(
        [
            np.bincount(truth * count + chances.argmax(axis=1), minlength=count * count)
            for truth, chances in zip(told.truth, told.chances, strict=True)
        ]
    ).reshape(-1, count, count)

    def figure(weights: Weights) -> float:
        table = np.tensordot(weights, tables, 1)
        right = np.diag(table)
        true, said = table.sum(axis=1), table.sum(axis=0)
        # A state that nobody was in cannot be found, and is left out.
        scores = 2 * right[true > 0] / (true + said)[true > 0]
        return float(scores.mean())

    return figure


def _average_precision(told: Told, states: Sequence[int]) -> Figure:
    score = np.concatenate([each[:, list(states)].sum(axis=1) for each in told.chances])
    true = np.isin(np.concatenate(list(told.truth)), states)
    learner = np.repeat(np.arange(len(told.truth)), [len(each) for each in told.truth])
    order = np.argsort(-score, kind="stable")
    true, learner, score = true[order], learner[order], score[order]
    last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)

    def figure(weights: Weights) -> float:
        drawn = weights[learner]
        found = np.cumsum(drawn * true)[last]
        told_of = np.cumsum(drawn)[last]
        if found[-1] == 0:
            return float("nan")
        precision = found / np.maximum(told_of, 1e-12)
        return float((np.diff(found, prepend=0.0) * precision).sum() / found[-1])

    return figure


def _calibration(told: Told) -> Figure:
    counts, gaps = np.zeros((2, len(told.truth), BINS))
    for place, (truth, chances) in enumerate(zip(told.truth, told.chances, strict=True)):
        sure = chances.max(axis=1)
        right = chances.argmax(axis=1) == truth
        bins = np.minimum((sure * BINS).astype(int), BINS - 1)
        counts[place] = np.bincount(bins, minlength=BINS)
        gaps[place] = np.bincount(bins, right - sure, minlength=BINS)

    def figure(weights: Weights) -> float:
        return float(np.abs(weights @ gaps).sum() / (weights @ counts).sum())

    return figure
