"""Fits uptake and focusing by likeness to judged exchanges.

Widths, lengths and shares below were chosen by cross-validation over transcripts inside the part
that is fitted on; what is held out had no say in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.svm import SVR

from models.embeddings.interface import Encoder
from models.talk_moves.exchanges import Z_SCORES
from models.talk_moves.interface import Exchange
from models.talk_moves.judged import (
    VIEWS,
    WIDTH,
    JudgedExchanges,
    Scaling,
    numbers_of,
    vectors_of,
)

Array = NDArray[np.float32]

AXES = {"learner": 32, "tutor": 64, "both": 64}
"""Principal axes that are kept of each view."""

LENGTHS = {"learner": 1.0, "tutor": 4.0, "both": 2.0}
"""How long the vectors of a view are in a row, in which numbers have a deviation of 1."""

SHARES = [0.75, 0.5, 0.5]
"""Share of this regression in each z-score; the rest is the network's.

Of 0, 0.25, 0.4, 0.5, 0.6, 0.75 and 1; on inner folds uptake's Spearman was .535 by a network
alone, .600 by this alone and .604 by both, focusing's Pearson .655, .638 and .680.
"""

COST, TUBE = 1.0, 0.2
"""Of errors, and how far off is no error."""

SMALLEST_DUAL = 1e-6


def fit_judged(
    exchanges: Sequence[Exchange], scores: NDArray[np.floating], encoder: Encoder
) -> JudgedExchanges:
    """Fit one regression for each z-score on the exchanges that have it.

    Args:
        scores: shape (exchanges, Z_SCORES), NaN where nobody rated it.
    """
    scaling = _scaling(exchanges, encoder)
    # As it is read from disk, so that what is kept fits what was fitted.
    rows = scaling.rows(exchanges, encoder).astype(np.float16).astype(np.float32)
    duals = np.zeros((len(rows), Z_SCORES), np.float32)
    intercepts = np.zeros(Z_SCORES, np.float32)
    for column in range(Z_SCORES):
        rated = np.flatnonzero(~np.isnan(scores[:, column]))
        if not len(rated):
            continue
        fitted = SVR(C=COST, epsilon=TUBE, gamma=WIDTH).fit(rows[rated], scores[rated, column])
        duals[rated[fitted.support_], column] = fitted.dual_coef_[0]
        intercepts[column] = fitted.intercept_[0]
    counts = np.abs(duals).max(1) > SMALLEST_DUAL
    return JudgedExchanges(scaling, rows[counts], duals[counts], intercepts)


def _scaling(exchanges: Sequence[Exchange], encoder: Encoder) -> Scaling:
    views = vectors_of(exchanges, encoder)
    numbers = numbers_of(exchanges, views)
    deviation = numbers.std(0)
    axes = {name: _axes(views[name], AXES[name], LENGTHS[name]) for name in VIEWS}
    return Scaling(numbers.mean(0), np.where(deviation > 0, deviation, 1).astype(np.float32), axes)


def _axes(vectors: Array, most: int, length: float) -> Array:
    """Return principal axes, shape (dimension, axes); their origin does not matter to distances."""
    found = PCA(min(most, *vectors.shape), random_state=0).fit(vectors).components_.T * length
    halves: Array = found.astype(np.float16).astype(np.float32)
    return halves
