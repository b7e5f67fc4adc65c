"""Answers of many learners on many objectives, as arrays that a model is fitted on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.mastery.parameters import Array

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """First answers without help, ordered by learner, then objective, then time.

    Attributes:
        learner: shape (answers,), number of the learner.
        objective: shape (answers,), number of the objective.
        day: shape (answers,), days since any fixed moment.
        right: shape (answers,), 1 for a right answer and 0 for a wrong one.
    """

    learner: Integers
    objective: Integers
    day: Array
    right: Array

    @classmethod
    def ordered(cls, learner: Integers, objective: Integers, day: Array, right: Array) -> Answers:
        """Bring answers of any order into this one."""
        order = np.lexsort((day, objective, learner))
        return cls(learner[order], objective[order], day[order], right[order])

    def of_learners(self, learners: Collection[int]) -> Answers:
        """Return the answers of these learners."""
        return self._where(np.isin(self.learner, np.fromiter(learners, np.int64)))

    def of_objective(self, objective: int) -> Answers:
        """Return the answers on one objective."""
        return self._where(self.objective == objective)

    def of_objectives(self, objectives: Collection[int]) -> Answers:
        """Return the answers on these objectives."""
        return self._where(np.isin(self.objective, np.fromiter(objectives, np.int64)))

    def _where(self, chosen: NDArray[np.bool_]) -> Answers:
        return Answers(
            self.learner[chosen], self.objective[chosen], self.day[chosen], self.right[chosen]
        )

    def begins_sequence(self) -> NDArray[np.bool_]:
        """Tell for each answer whether it is its learner's first on its objective."""
        first = np.ones(len(self.learner), np.bool_)
        first[1:] = (self.learner[1:] != self.learner[:-1]) | (
            self.objective[1:] != self.objective[:-1]
        )
        return first


@dataclass(frozen=True, slots=True)
class PaddedSequences:
    """One row per learner and objective, filled up on the right.

    Attributes:
        right: shape (sequences, steps).
        present: shape (sequences, steps), whether there is an answer.
        gap: shape (sequences, steps), days from the answer before; 0 for the first.
        place: shape (sequences, steps), index of the answer among `Answers`; 0 where there is none.
    """

    right: Array
    present: NDArray[np.bool_]
    gap: Array
    place: Integers


def padded(answers: Answers) -> PaddedSequences:
    """Lay answers out in rows."""
    first = answers.begins_sequence()
    row = np.cumsum(first) - 1
    starts = np.flatnonzero(first)
    step = np.arange(len(row)) - starts[row]
    shape = (len(starts), int(step.max()) + 1)
    right, gap = np.zeros(shape), np.zeros(shape)
    present, place = np.zeros(shape, np.bool_), np.zeros(shape, np.int64)
    days = np.diff(answers.day, prepend=answers.day[:1])
    right[row, step] = answers.right
    gap[row, step] = np.where(first, 0.0, days)
    present[row, step] = True
    place[row, step] = np.arange(len(row))
    return PaddedSequences(right, present, gap, place)
