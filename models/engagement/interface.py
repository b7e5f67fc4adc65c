"""What every engagement model is: windows of learners in, probabilities of states out."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class EngagementModel(Protocol):
    """A model of what learners are doing. It keeps nothing between calls.

    Attributes:
        name: of the model, as signals carry it.
        version: of its weights: another content has another version.
        history: how many windows of a learner it reads, the newest last.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def history(self) -> int: ...  # noqa: D102

    def probabilities(self, windows: Array) -> Array:
        """Return the probability of each state at the newest window.

        Args:
            windows: shape (learners, history, features), columns as in `features.engagement`'s
                `FEATURES`; NaN where a modality is missing, and throughout before the lesson.

        Returns:
            shape (learners, states), columns as in `STATES`; every row sums to 1.
        """
        ...
