"""Measures knowledge tracing on learners that it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.mastery.parameters import Array, TracingParameters
from training.answer_baselines import base_rates, performance_factors
from training.answer_sequences import Answers
from training.population import foretold_by_population
from training.prediction_scores import Score, score
from training.tracing_fit import fit_tracing, foretold

MAJORITY = "majority (one answer for all)"
RATES = "base rate of the objective"
FACTORS = "logistic: performance factors"
FACTORS_DAYS = "logistic: performance factors and days"
FITTED = "knowledge tracing, fitted to the objective"
SHIPPED = "knowledge tracing as shipped, objective unknown"
TRUTH = "the simulator's own chance (the ceiling)"


@dataclass(frozen=True, slots=True)
class Split:
    """Answers of the learners that are fitted on, and of those that are held out."""

    train: Answers
    test: Answers


def split_by_learner(answers: Answers, held_out: float, seed: int) -> Split:
    """Hold a share of the learners out, drawn at random with a fixed seed."""
    learners = np.random.default_rng(seed).permutation(np.unique(answers.learner))
    count = max(1, round(len(learners) * held_out))
    return Split(
        answers.of_learners(learners[count:].tolist()),
        answers.of_learners(learners[:count].tolist()),
    )


def fit_objectives(train: Answers, objectives: Sequence[int]) -> dict[int, Array]:
    """Return the parameters of each objective, shape (5,)."""
    return {
        objective: fit_tracing(train.of_objective(objective)).parameters for objective in objectives
    }


def draws_of(fits: Mapping[int, Array]) -> Array:
    """Return fitted parameters as draws, shape (objectives, 5)."""
    return np.array([fits[objective] for objective in sorted(fits)])


def scores_of(
    split: Split, fits: Mapping[int, Array], shipped: TracingParameters | None
) -> dict[str, Score]:
    """Return how well each model foretells the held-out learners' answers.

    Args:
        fits: parameters of the objectives of the answers.
        shipped: draws that none of these objectives is among; None where there are none.
    """
    test = split.test
    fitted = np.empty(len(test.right))
    for objective, parameters in fits.items():
        chosen = test.objective == objective
        fitted[chosen] = foretold(parameters, test.of_objective(objective))
    chances = {
        MAJORITY: np.full(len(test.right), split.train.right.mean()),
        RATES: base_rates(split.train, test),
        FACTORS: performance_factors(split.train, test, with_days=False),
        FACTORS_DAYS: performance_factors(split.train, test, with_days=True),
        FITTED: fitted,
    }
    if shipped is not None:
        chances[SHIPPED] = foretold_by_population(shipped, test)
    return {name: score(test.learner, test.right, chance) for name, chance in chances.items()}
