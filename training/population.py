"""Foretells answers on objectives whose parameters nobody knows, as Lectern does when it serves.

Runs `models.mastery.KnowledgeTracer` itself, answer by answer, so what is measured is what serves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from models.mastery.knowledge_tracing import Knowledge, KnowledgeTracer
from models.mastery.parameters import Array, TracingParameters
from training.answer_sequences import Answers

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def foretold_by_population(parameters: TracingParameters, answers: Answers) -> Array:
    """Return for each answer the chance that it is right, given its learner's earlier ones."""
    tracer = KnowledgeTracer(parameters)
    knowledge: Knowledge = tracer.start()
    chances = np.empty(len(answers.right))
    for place, begins in enumerate(answers.begins_sequence()):
        if begins:
            knowledge = tracer.start()
        moment = _EPOCH + timedelta(days=float(answers.day[place]))
        chances[place] = tracer.chance_of_right_answer(knowledge, moment)
        knowledge = tracer.after_answer(knowledge, float(answers.right[place]), moment)
    return chances


def share_within_interval(
    parameters: TracingParameters, truth: Array, answers: Answers
) -> tuple[float, float]:
    """Return how often the interval holds what the true parameters give, and its mean width.

    Args:
        truth: shape (5,), the objective's true parameters.
    """
    tracer = KnowledgeTracer(parameters)
    knowing = KnowledgeTracer(TracingParameters.from_draws("truth", "", truth[np.newaxis, :]))
    believed, true = tracer.start(), knowing.start()
    within, width = [], []
    for place, begins in enumerate(answers.begins_sequence()):
        if begins:
            believed, true = tracer.start(), knowing.start()
        moment = _EPOCH + timedelta(days=float(answers.day[place]))
        outcome = float(answers.right[place])
        believed = tracer.after_answer(believed, outcome, moment)
        true = knowing.after_answer(true, outcome, moment)
        mastery = tracer.mastery(believed, moment)
        within.append(mastery.low <= knowing.mastery(true, moment).estimate <= mastery.high)
        width.append(mastery.high - mastery.low)
    return float(np.mean(within)), float(np.mean(width))
