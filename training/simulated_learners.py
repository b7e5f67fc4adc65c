"""Simulated learners, whose truth is known: no person's answers, and no claim about any person.

Two worlds. In the tracing world learners are as knowledge tracing says, which shows whether fitting
finds the truth again. In the strength world nothing is either known or not: an answer depends on
the learner's ability, the objective's difficulty and a memory that grows with practice and decays
as a power of time (after Pavlik and Anderson 2005), which shows what is left of the model where it
is wrong. Parameters lie in the ranges that fits to tutoring systems have published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.mastery.parameters import Array
from training.answer_sequences import Answers

# Beta distributions of prior, learn, slip, guess, forget per day.
_SPREAD = np.array([[3.0, 6.0], [3.0, 15.0], [3.0, 27.0], [5.0, 20.0], [1.5, 120.0]])

_GAP_DAYS = np.array([2, 3, 4, 7, 7, 7, 14, 21])
_LAST_START_DAYS = 42
_MORE_SESSIONS = 1.6
_ANSWERS_PER_SESSION = (2, 6)


class World(StrEnum):
    """How simulated learners learn."""

    TRACING = "tracing"
    STRENGTH = "strength"


@dataclass(frozen=True, slots=True)
class SimulatedAnswers:
    """Answers and their truth.

    Attributes:
        answers: what a model may see.
        chance: shape (answers,), the probability with which each answer was right.
        worlds: shape (objectives,), the world of each objective.
        tracing: shape (objectives, 5), the parameters in the tracing world; NaN in the other.
    """

    answers: Answers
    chance: Array
    worlds: list[World]
    tracing: Array


def simulate(learners: int, objectives_per_world: int, seed: int) -> SimulatedAnswers:
    """Let learners answer for some weeks; the same seed gives the same answers."""
    generator = np.random.default_rng(seed)
    worlds = [world for world in World for _ in range(objectives_per_world)]
    ability = generator.normal(0.0, 1.0, learners)
    tracing = np.full((len(worlds), 5), np.nan)
    rows: list[tuple[int, int, float, float, float]] = []
    for objective, world in enumerate(worlds):
        if world is World.TRACING:
            tracing[objective] = generator.beta(_SPREAD[:, 0], _SPREAD[:, 1])
        memory = _Memory.drawn(generator)
        for learner in range(learners):
            days = list(_days(generator))
            right = (
                _traced(days, tracing[objective], generator)
                if world is World.TRACING
                else memory.answers(days, float(ability[learner]), generator)
            )
            rows += [
                (learner, objective, day, *each) for day, each in zip(days, right, strict=True)
            ]
    table = np.array(rows)
    # Within a day the order of answers is that of their making.
    order = np.lexsort((np.arange(len(table)), table[:, 2], table[:, 1], table[:, 0]))
    table = table[order]
    answers = Answers(
        table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], table[:, 3]
    )
    return SimulatedAnswers(answers, table[:, 4], worlds, tracing)


def _days(generator: np.random.Generator) -> Iterator[float]:
    """Yield the day of each answer: sessions some days apart, a few answers in each."""
    day = float(generator.integers(0, _LAST_START_DAYS))
    for session in range(1 + generator.poisson(_MORE_SESSIONS)):
        if session:
            day += float(generator.choice(_GAP_DAYS))
        for _ in range(generator.integers(*_ANSWERS_PER_SESSION)):
            yield day


def _traced(
    days: list[float], parameters: Array, generator: np.random.Generator
) -> Iterator[tuple[float, float]]:
    """Yield (right, chance) of a learner for whom the objective is known or not."""
    prior, learn, slip, guess, forget = parameters
    known = generator.random() < prior
    before = days[0]
    for day in days:
        known = known and generator.random() < (1 - forget) ** (day - before)
        chance = 1 - slip if known else guess
        yield float(generator.random() < chance), float(chance)
        known = known or generator.random() < learn
        before = day


@dataclass(frozen=True, slots=True)
class _Memory:
    """One objective of the strength world."""

    difficulty: float
    gain: float
    decay: float
    guess: float

    @classmethod
    def drawn(cls, generator: np.random.Generator) -> _Memory:
        """Draw an objective."""
        return cls(
            difficulty=generator.normal(0.5, 0.8),
            gain=generator.uniform(0.5, 1.3),
            decay=generator.uniform(0.1, 0.6),
            guess=generator.uniform(0.05, 0.3),
        )

    def answers(
        self, days: list[float], ability: float, generator: np.random.Generator
    ) -> Iterator[tuple[float, float]]:
        """Yield (right, chance) of a learner whose memory grows and decays; items differ."""
        for place, day in enumerate(days):
            ages = day - np.array(days[:place]) + 1.0
            strength = self.gain * np.log1p((ages**-self.decay).sum())
            item = generator.normal(0.0, 0.5)
            logit = 1.2 * (ability - self.difficulty - item) + strength
            chance = self.guess + (0.96 - self.guess) / (1 + np.exp(-logit))
            yield float(generator.random() < chance), float(chance)
