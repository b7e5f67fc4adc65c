"""The truth of a simulated learner: which state in which window, spell by spell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lessons.lesson_context import LessonContext
from models.engagement.states import AWAY, STATES
from training.simulated_lessons.learners import SimulatedLearner
from training.simulated_lessons.script import WINDOW_MS, Script

CUT_OFF_MS = 30_000
"""A network gone for longer ends the connection: the learner is away from the lesson, as told."""

SHORTEST_WINDOWS = 3
LINGERS = 0.5
"""Chance that a spell goes on where the lesson takes up something else."""


def true_states(
    learner: SimulatedLearner, script: Script, generator: np.random.Generator
) -> NDArray[np.int8]:
    """Return the index in `STATES` of each window, shape (windows,).

    A spell lasts for a time of its own (a gamma distribution: few are very short); then, and often
    where the lesson changes, the next state is drawn by the program's habits.
    """
    contexts = script.contexts
    states = np.empty(len(contexts), np.int8)
    left = 0
    for place, context in enumerate(contexts):
        changed = place > 0 and context != contexts[place - 1]
        if left <= 0 or (changed and generator.random() >= LINGERS):
            states[place] = _next(learner, context, place, generator)
            mean = learner.program.dwell(STATES[states[place]]) * 1000 / WINDOW_MS
            left = max(SHORTEST_WINDOWS, round(generator.gamma(2.0, mean / 2.0)))
        else:
            states[place] = states[place - 1]
        left -= 1
    return _cut_off(states, learner)


def _next(
    learner: SimulatedLearner, context: LessonContext, place: int, generator: np.random.Generator
) -> int:
    weights = learner.program.weights(context, place * WINDOW_MS / 60_000)
    own = np.array([weights[state] for state in STATES]) * learner.habit
    return int(generator.choice(len(STATES), p=own / own.sum()))


def _cut_off(states: NDArray[np.int8], learner: SimulatedLearner) -> NDArray[np.int8]:
    for start_ms, end_ms in learner.equipment.offline_ms:
        if end_ms - start_ms > CUT_OFF_MS:
            states[start_ms // WINDOW_MS : end_ms // WINDOW_MS] = STATES.index(AWAY)
    return states
