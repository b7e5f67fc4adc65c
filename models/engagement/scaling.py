"""Brings features to one scale, and says which are there: what models read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.engagement import FEATURES
from lessons.errors import InvalidInput
from models.engagement.interface import Array

LARGEST = 4.0
"""Standard deviations beyond which a value says no more than that it is extreme."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How features are scaled; by name, so that a model reads on when features are added.

    Attributes:
        features: names of the features that the model reads.
        columns: where they stand among `FEATURES`.
        logarithmic: shape (features,), whether the logarithm of one plus the value is scaled.
        mean, deviation: shape (features,), of what is there in the training data.
    """

    features: tuple[str, ...]
    columns: NDArray[np.intp]
    logarithmic: NDArray[np.bool_]
    mean: Array
    deviation: Array

    @classmethod
    def of(
        cls,
        features: Sequence[str],
        logarithmic: Sequence[bool],
        mean: Sequence[float],
        deviation: Sequence[float],
    ) -> Scaling:
        """Return the scaling of named features.

        Raises:
            InvalidInput: one of them exists no more: the weights are of another version.
        """
        places = {feature.name: place for place, feature in enumerate(FEATURES)}
        if gone := [name for name in features if name not in places]:
            raise InvalidInput(
                f"The weights read features that there are no more: {', '.join(gone)}.",
                field="features",
                fix="Train anew: python -m training.train_engagement --write.",
            )
        return cls(
            tuple(features),
            np.array([places[name] for name in features], np.intp),
            np.array(logarithmic, bool),
            np.array(mean, np.float32),
            np.array(deviation, np.float32),
        )

    def apply(self, values: Array) -> tuple[Array, Array]:
        """Return scaled values, 0 where one is missing, and 1 where it is there or else 0.

        Args:
            values: shape (..., all features), NaN where missing.

        Returns:
            two arrays of shape (..., features that the model reads).
        """
        scaled = values[..., self.columns].astype(np.float32, copy=False)
        there = np.isfinite(scaled)
        scaled[~there] = 0.0
        plain = scaled[..., self.logarithmic]
        scaled[..., self.logarithmic] = np.copysign(np.log1p(np.abs(plain)), plain)
        # In place from here on: a tick of 1,000 learners with their past is 13 MB.
        scaled -= self.mean
        scaled /= self.deviation
        np.clip(scaled, -LARGEST, LARGEST, out=scaled)
        mask: Array = there.astype(np.float32)
        scaled *= mask
        return scaled, mask
