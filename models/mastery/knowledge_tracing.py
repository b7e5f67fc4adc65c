"""Bayesian knowledge tracing with forgetting: what a learner's answers say about an objective.

The model is that of Corbett and Anderson (1995, "Knowledge tracing: modeling the acquisition of
procedural knowledge"): an objective is known or not, each opportunity to practise may make it
known, and an answer may slip or be guessed. Forgetting between days follows KT-Forget of Qiu, Qi,
Lu, Pardos and Heffernan (2011, "Does time matter?"), with their one chance per new day taken once
for each day that has passed.

Nobody knows the parameters of an objective beforehand. So the model runs under many draws of them
at once; each draw's weight grows with how well it foretold the answers. The spread of the draws is
the uncertainty of the estimate, and it narrows as answers come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from models.mastery.parameters import Array, TracingParameters

SECONDS_PER_DAY = 86_400.0
CREDIBLE = (0.05, 0.95)
"""Quantiles of the interval: 90 % of the belief lies between them."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is believed of one learner and one objective at a moment.

    Attributes:
        known: shape (draws,), probability under each draw that the objective is known.
        weights: shape (draws,), belief in each draw; they sum to 1.
        at: when that held; None before the first opportunity.
    """

    known: Array
    weights: Array
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Mastery:
    """Probability that a learner knows an objective; 90 % of the belief lies in `low..high`."""

    estimate: float
    low: float
    high: float


class KnowledgeTracer:
    """Follows learners through their opportunities to practise; pure arithmetic, no state."""

    def __init__(self, parameters: TracingParameters) -> None:
        self.parameters = parameters

    def start(self) -> Knowledge:
        """Return what is believed of somebody before the first opportunity."""
        draws = len(self.parameters.prior)
        return Knowledge(self.parameters.prior.copy(), np.full(draws, 1.0 / draws), None)

    def after_time(self, knowledge: Knowledge, moment: datetime) -> Knowledge:
        """Return what is left at a later moment; an earlier one changes nothing."""
        if knowledge.at is None:
            return knowledge
        kept = (1.0 - self.parameters.forget) ** _days(knowledge, moment)
        return Knowledge(knowledge.known * kept, knowledge.weights, max(moment, knowledge.at))

    def after_answer(self, knowledge: Knowledge, outcome: float, moment: datetime) -> Knowledge:
        """Return what an answer makes of it.

        Args:
            outcome: 1 for a right answer, 0 for a wrong one; a part of the points in between is
                taken as that much of a chance that it was right.
        """
        before = self.after_time(knowledge, moment)
        if_known = outcome * (1 - self.parameters.slip) + (1 - outcome) * self.parameters.slip
        if_not = outcome * self.parameters.guess + (1 - outcome) * (1 - self.parameters.guess)
        likelihood = before.known * if_known + (1 - before.known) * if_not
        weights = before.weights * likelihood
        seen = Knowledge(before.known * if_known / likelihood, weights / weights.sum(), moment)
        return self.after_practice(seen, moment)

    def after_practice(self, knowledge: Knowledge, moment: datetime) -> Knowledge:
        """Return what an opportunity to practise makes of it whose answer proves nothing."""
        before = self.after_time(knowledge, moment)
        learnt = before.known + (1 - before.known) * self.parameters.learn
        return Knowledge(learnt, before.weights, moment)

    def mastery(self, knowledge: Knowledge, moment: datetime) -> Mastery:
        """Return the estimate at a moment, forgetting since the last opportunity included."""
        return self.masteries([knowledge], [moment])[0]

    def masteries(self, beliefs: Sequence[Knowledge], moments: Sequence[datetime]) -> list[Mastery]:
        """Return the estimate of each belief at its moment; thousands take a few milliseconds."""
        if not beliefs:
            return []
        known = np.array([belief.known for belief in beliefs])
        weights = np.array([belief.weights for belief in beliefs])
        days = np.array([_days(*pair) for pair in zip(beliefs, moments, strict=True)])
        current = known * (1.0 - self.parameters.forget) ** days[:, np.newaxis]
        estimates = (current * weights).sum(axis=1)
        lows, highs = (_weighted_quantile(current, weights, each) for each in CREDIBLE)
        rows = zip(
            estimates.tolist(),
            np.minimum(lows, estimates).tolist(),
            np.maximum(highs, estimates).tolist(),
            strict=True,
        )
        return [Mastery(*row) for row in rows]

    def chance_of_right_answer(self, knowledge: Knowledge, moment: datetime) -> float:
        """Return the probability that an answer given at that moment is right."""
        current = self.after_time(knowledge, moment)
        chances = (
            current.known * (1 - self.parameters.slip) + (1 - current.known) * self.parameters.guess
        )
        return float(chances @ current.weights)


def _days(knowledge: Knowledge, moment: datetime) -> float:
    """Return the days from what is believed to a moment; none to an earlier one."""
    if knowledge.at is None:
        return 0.0
    return max(0.0, (moment - knowledge.at).total_seconds() / SECONDS_PER_DAY)


def _weighted_quantile(values: Array, weights: Array, quantile: float) -> Array:
    """Return the quantile of each row of values, shape (rows, draws), by its row of weights."""
    order = np.argsort(values, axis=1)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    reached[:, -1] = 1.0  # rounding must not leave the last one out
    place = np.argmax(reached >= quantile, axis=1)[:, np.newaxis]
    chosen = np.take_along_axis(order, place, axis=1)
    return np.asarray(np.take_along_axis(values, chosen, axis=1)[:, 0], np.float64)
