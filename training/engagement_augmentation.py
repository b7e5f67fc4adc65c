"""Modality dropout: models meet learners of whom something is missing, whatever the rows hold.

Source: Neverova, Wolf, Taylor and Nebout 2016, "ModDrop: adaptive multi-modal gesture recognition".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.engagement import Modality
from models.engagement.interface import Array
from training.engagement_rows import columns_of

DROPPED = (Modality.INTERACTION, Modality.SPEECH, Modality.CAMERA)
"""What a learner may lack. The context is the lesson's, and is always known in some way."""

SHARE = 0.15
SEED = 20_261_126


def drawn_drops(count: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Return which features are dropped for each of `count`, shape (count, features).

    Every modality is dropped for itself, so that all combinations come up.
    """
    columns = np.stack([columns_of([each]) for each in DROPPED])
    return (generator.random((count, len(DROPPED))) < SHARE) @ columns


def with_modalities_dropped(values: Array) -> Array:
    """Return rows with modalities dropped here and there; the same rows always lose the same."""
    drops = drawn_drops(len(values), np.random.default_rng(SEED))
    return np.where(drops, np.float32(np.nan), values)
