"""What knowledge tracing is measured against: base rates, and a logistic regression on counts.

The regression is performance factors analysis (Pavlik, Cen and Koedinger 2009): per objective an
intercept and a weight for earlier right and earlier wrong answers; and the same with the days since
the last answer, so that it knows of forgetting what the model knows.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from models.mastery.parameters import Array
from training.answer_sequences import Answers

_ITERATIONS = 500


def base_rates(train: Answers, test: Answers) -> Array:
    """Return for each answer how often its objective was answered right by other learners."""
    objectives = int(max(train.objective.max(), test.objective.max())) + 1
    right = np.bincount(train.objective, train.right, objectives)
    given = np.bincount(train.objective, minlength=objectives)
    overall = train.right.mean()
    rates = np.where(given > 0, right / np.maximum(given, 1), overall)
    return np.asarray(rates[test.objective], np.float64)


def performance_factors(train: Answers, test: Answers, *, with_days: bool) -> Array:
    """Return for each answer the chance that it is right, by logistic regression."""
    objectives = int(max(train.objective.max(), test.objective.max())) + 1
    model = LogisticRegression(C=1.0, max_iter=_ITERATIONS)
    model.fit(_features(train, objectives, with_days), train.right > 0.5)
    chances = model.predict_proba(_features(test, objectives, with_days))[:, 1]
    return np.asarray(chances, np.float64)


def _features(answers: Answers, objectives: int, with_days: bool) -> csr_matrix:
    first = answers.begins_sequence()
    columns = [
        np.ones(len(first)),
        np.log1p(_earlier(answers.right, first)),
        np.log1p(_earlier(1 - answers.right, first)),
    ]
    if with_days:
        days = np.diff(answers.day, prepend=answers.day[:1])
        columns.append(np.where(first, 0.0, np.log1p(np.maximum(days, 0.0))))
    rows = np.arange(len(first))
    shape = (len(first), objectives)
    return hstack(
        [csr_matrix((column, (rows, answers.objective)), shape=shape) for column in columns],
        format="csr",
    )


def _earlier(values: Array, first: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    """Return the sum of the values before each answer within its sequence."""
    total = np.cumsum(values) - values
    starts = np.flatnonzero(first)
    sequence = np.cumsum(first) - 1
    return np.asarray(total - total[starts][sequence], np.float64)
