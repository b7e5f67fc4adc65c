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
        days = max(0.0, (moment - knowledge.at).total_seconds() / SECONDS_PER_DAY)
        kept = (1.0 - self.parameters.forget) ** days
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
        current = self.after_time(knowledge, moment)
        low, high = _weighted_quantiles(current.known, current.weights, CREDIBLE)
        estimate = float(current.known @ current.weights)
        return Mastery(estimate, min(low, estimate), max(high, estimate))

    def chance_of_right_answer(self, knowledge: Knowledge, moment: datetime) -> float:
        """Return the probability that an answer given at that moment is right."""
        current = self.after_time(knowledge, moment)
        chances = (
            current.known * (1 - self.parameters.slip) + (1 - current.known) * self.parameters.guess
        )
        return float(chances @ current.weights)


def _weighted_quantiles(
    values: Array, weights: Array, quantiles: tuple[float, float]
) -> tuple[float, float]:
    order = np.argsort(values)
    places = np.searchsorted(np.cumsum(weights[order]), np.array(quantiles))
    low, high = values[order][np.minimum(places, len(values) - 1)].tolist()
    return low, high
