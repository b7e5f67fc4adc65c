"""What others tell engagement by: the time since the last input, or the camera alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.engagement import COLUMNS, FEATURES, Modality
from models.engagement.baseline import BaselineModel
from models.engagement.interface import Array
from models.engagement.states import DRIFTING, STATES, WORKING
from training.engagement_baseline import fit_baseline
from training.engagement_rows import LearnerRows

RULE_S = 60.0


class LastActivityRule:
    """Working where the last input is less than a minute old, else drifting.

    Its chance grows with the time since the input and passes a half at the minute, so that
    precision and recall can be traded as with a model. Where no browser tells, it calls it working.
    """

    def over_lesson(self, values: Array) -> Array:
        """Return probabilities, shape (windows, states)."""
        since_s = np.nan_to_num(values[:, COLUMNS["since_input_s"]], nan=0.0)
        idle = since_s / (since_s + RULE_S)
        chances = np.zeros((len(values), len(STATES)), np.float32)
        chances[:, STATES.index(DRIFTING)] = idle
        chances[:, STATES.index(WORKING)] = 1 - idle
        return chances


def webcam_only(train: Sequence[LearnerRows], calibration: Sequence[LearnerRows]) -> BaselineModel:
    """Fit the baseline's regression on what a camera shows and nothing else."""
    names = [each.name for each in FEATURES if each.modality is Modality.CAMERA]
    return BaselineModel(fit_baseline(train, calibration, "simulated learners' cameras", names))


def has_camera(rows: LearnerRows) -> bool:
    """Say whether a learner's camera was on for most of the lesson."""
    seen = np.isfinite(rows.values[:, COLUMNS["face_30s"]])
    return bool(seen.mean() > 0.5)
