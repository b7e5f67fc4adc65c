"""One call of the engagement model for several requests at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.engagement.interface import EngagementModel
from serving.engagement.wire import Array


def estimate_together(model: EngagementModel, requests: Sequence[Array]) -> list[Array]:
    """Return the probabilities of each request's learners, out of one call of the model.

    Args:
        requests: each of shape (learners, history, features); histories may differ, for the model
            reads the newest windows and takes what lies before them as missing.
    """
    windows = np.concatenate([with_history(request, model.history) for request in requests])
    probabilities = model.probabilities(windows)
    ends = np.cumsum([len(request) for request in requests])[:-1]
    return [part.astype(np.float32, copy=False) for part in np.split(probabilities, ends)]


def with_history(windows: Array, history: int) -> Array:
    """Return the newest windows of each learner, as many as are asked for; NaN before the first."""
    learners, given, features = windows.shape
    if given >= history:
        return windows[:, given - history :]
    missing = np.full((learners, history - given, features), np.nan, dtype=np.float32)
    return np.concatenate([missing, windows], axis=1)
