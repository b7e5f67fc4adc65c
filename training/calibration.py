"""Temperature scaling: one number that makes probabilities as sure as they are right.

Source: Guo, Pleiss, Sun and Weinberger 2017, "On Calibration of Modern Neural Networks".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.engagement.baseline import softmax
from models.engagement.interface import Array

TEMPERATURES = np.geomspace(0.4, 4.0, 47)
BINS = 15


def best_temperature(logits: Array, truth: NDArray[np.int64]) -> float:
    """Return the temperature with the least log loss on what nothing was fitted on.

    Args:
        logits: shape (rows, classes).
        truth: shape (rows,), the right class.
    """
    rows = np.arange(len(truth))
    losses = [
        -np.log(np.maximum(softmax(logits / each)[rows, truth], 1e-9)).mean()
        for each in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])
