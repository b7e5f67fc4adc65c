"""Fits knowledge tracing with forgetting to the answers on one objective, by EM.

pyBKT (1.4.3, August 2026) fits the same family, and its forgetting is a chance per answer: it has
no place for the days between two lessons. It also fails to import beside scikit-learn 1.8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mastery.parameters import Array
from training.answer_sequences import Answers, PaddedSequences, padded

ITERATIONS = 200
TOLERANCE = 1e-5
"""Gain of log-likelihood per answer below which EM has arrived."""

_TINY = 1e-300

START = np.array([0.35, 0.15, 0.10, 0.20, 0.01])
"""prior, learn, slip, guess, forget per day: the middle of what is published."""

# Beta priors as counts (successes, failures): weak, but they keep slip and guess below one half,
# without which "known" and "not known" can change places (Beck and Chang 2007).
PSEUDO_COUNTS = np.array([[2.0, 3.0], [1.5, 8.0], [2.0, 16.0], [4.0, 16.0], [1.2, 40.0]])
LIMITS = np.array([[0.01, 0.99], [0.001, 0.6], [0.005, 0.35], [0.01, 0.45], [1e-5, 0.2]])


@dataclass(frozen=True, slots=True)
class TracingFit:
    """Parameters of one objective, shape (5,) as `NAMES` has them, and how well they fit."""

    parameters: Array
    log_likelihood: float
    iterations: int


def fit_tracing(answers: Answers) -> TracingFit:
    """Return the parameters with the highest posterior for the answers on one objective."""
    sequences = padded(answers)
    parameters, before = START, -np.inf
    for iteration in range(1, ITERATIONS + 1):
        counts, log_likelihood = _expect(parameters, sequences)
        parameters = _maximise(counts)
        if log_likelihood - before < TOLERANCE * len(answers.right) and iteration > 1:
            break
        before = log_likelihood
    return TracingFit(parameters, float(log_likelihood), iteration)


def foretold(parameters: Array, answers: Answers) -> Array:
    """Return for each answer the chance that it would be right, given those before it."""
    sequences = padded(answers)
    _, _, slip, guess, _ = parameters
    ahead, _ = _forward(parameters, sequences)
    chances = ahead * (1 - slip) + (1 - ahead) * guess
    result = np.empty(len(answers.right))
    result[sequences.place[sequences.present]] = chances[sequences.present]
    return result


@dataclass(frozen=True, slots=True)
class _Counts:
    """Expected counts (successes, failures) of prior, learn, slip and guess; forgetting by gap."""

    binary: Array  # shape (4, 2)
    gaps: Array  # shape (gaps,), days
    kept: Array  # shape (gaps,)
    lost: Array  # shape (gaps,)


def _forward(parameters: Array, sequences: PaddedSequences) -> tuple[Array, Array]:
    """Return P(known) before each answer and the answer's probability, shape (sequences, steps)."""
    prior, learn, slip, guess, forget = parameters
    rows, steps = sequences.right.shape
    ahead, probability = np.empty((rows, steps)), np.ones((rows, steps))
    known = np.full(rows, prior)
    for step in range(steps):
        known = known * (1 - forget) ** sequences.gap[:, step]
        ahead[:, step] = known
        right = sequences.right[:, step]
        if_known = np.where(right > 0.5, 1 - slip, slip)
        if_not = np.where(right > 0.5, guess, 1 - guess)
        chance = known * if_known + (1 - known) * if_not
        here = sequences.present[:, step]
        probability[here, step] = chance[here]
        posterior = known * if_known / chance
        known = np.where(here, posterior + (1 - posterior) * learn, known)
    return ahead, probability


def _expect(parameters: Array, sequences: PaddedSequences) -> tuple[_Counts, float]:
    """Run forward and backward, and count what is expected to have happened."""
    _, learn, slip, guess, forget = parameters
    ahead, probability = _forward(parameters, sequences)
    rows, steps = sequences.right.shape
    right, present = sequences.right > 0.5, sequences.present
    if_known, if_not = np.where(right, 1 - slip, slip), np.where(right, guess, 1 - guess)
    # Likelihood of all later answers, given known or not after the learning at a step.
    later_known, later_not = np.ones(rows), np.ones(rows)
    binary = np.zeros((4, 2))
    kept, lost = np.zeros((rows, steps)), np.zeros((rows, steps))
    for step in range(steps - 1, -1, -1):
        here, wrong = present[:, step], ~right[:, step]
        from_known = if_known[:, step] * later_known
        through_not = learn * later_known + (1 - learn) * later_not
        from_not = if_not[:, step] * through_not
        known = ahead[:, step] * from_known
        known = known / (known + (1 - ahead[:, step]) * from_not)
        learnt = (1 - known) * learn * later_known / through_not
        followed = here & present[:, step + 1] if step + 1 < steps else np.zeros(rows, np.bool_)
        binary[1] += _total(learnt, followed), _total(1 - known - learnt, followed)
        binary[2] += _total(known, here & wrong), _total(known, here & ~wrong)
        binary[3] += _total(1 - known, here & ~wrong), _total(1 - known, here & wrong)
        # Back over the days before this answer, in which what was known may have been lost.
        keep = (1 - forget) ** sequences.gap[:, step]
        if step == 0:
            binary[0] += _total(known, here), _total(1 - known, here)
        else:
            known_before_gap = ahead[:, step] / keep
            lost_share = known_before_gap * (1 - keep) / np.maximum(1 - ahead[:, step], _TINY)
            kept[:, step] = np.where(here, known, 0.0)
            lost[:, step] = np.where(here, (1 - known) * lost_share, 0.0)
        scale = from_known + from_not
        later_known = np.where(here, (keep * from_known + (1 - keep) * from_not) / scale, 1.0)
        later_not = np.where(here, from_not / scale, 1.0)
    gaps = sequences.gap[:, 1:].ravel()
    counted = present[:, 1:].ravel() & (gaps > 0)
    forgetting = (gaps, kept[:, 1:].ravel(), lost[:, 1:].ravel())
    counts = _Counts(binary, *(each[counted] for each in forgetting))
    return counts, float(np.log(probability).sum())


def _total(values: Array, chosen: NDArray[np.bool_]) -> float:
    return float(values[chosen].sum())


def _maximise(counts: _Counts) -> Array:
    successes = counts.binary[:, 0] + PSEUDO_COUNTS[:4, 0] - 1
    failures = counts.binary[:, 1] + PSEUDO_COUNTS[:4, 1] - 1
    fitted = np.append(successes / (successes + failures), _best_forget(counts))
    return np.asarray(np.clip(fitted, LIMITS[:, 0], LIMITS[:, 1]), np.float64)


def _best_forget(counts: _Counts) -> float:
    """Return the chance of forgetting per day with the highest expected posterior.

    Several days have passed in most gaps, so there is no closed form; the objective has one peak.
    """
    alpha, beta = PSEUDO_COUNTS[4]

    def score(forget: float) -> float:
        kept = (1 - forget) ** counts.gaps
        return float(
            (counts.kept * np.log(kept)).sum()
            + (counts.lost * np.log1p(-kept)).sum()
            + (alpha - 1) * np.log(forget)
            + (beta - 1) * np.log(1 - forget)
        )

    low, high = np.log(LIMITS[4])
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(40):  # golden section on a logarithmic scale
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if score(float(np.exp(left))) < score(float(np.exp(right))):
            low = left
        else:
            high = right
    return float(np.exp((low + high) / 2))
