"""Fits the baseline: how features are scaled, what the rules are worth, and the regression."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from features.engagement import COLUMNS, FEATURES
from models.engagement.baseline import BaselineModel, BaselineWeights, Rule
from models.engagement.interface import Array
from models.engagement.scaling import Scaling
from models.engagement.states import AWAY, STATES, TAB_HIDDEN
from training.calibration import best_temperature
from training.engagement_augmentation import with_modalities_dropped
from training.engagement_rows import LearnerRows

NAME = "participation-rules-and-regression"
STEP = 3
"""Every third window is fitted on: neighbours are nearly the same."""

STRENGTH = 0.1
"""Inverse of the penalty on weights."""

LONG_TAIL = 5.0
LEAST_DEVIATION = 1e-3
DECIMALS = 4

RULES: tuple[tuple[str, str, float, str], ...] = (
    ("declared_away", "at_least", 0.5, AWAY),
    ("disconnected_s", "at_least", 5.0, AWAY),
    ("hidden_for_s", "at_least", 5.0, TAB_HIDDEN),
)
"""Where there is proof. The first that holds decides; what it is worth is counted."""


def fit_scaling(values: Array, features: Sequence[str]) -> Scaling:
    """Return the scaling of named features; those with a long tail are scaled by their logarithm.

    Args:
        values: shape (rows, all features).
    """
    chosen = values[:, [COLUMNS[name] for name in features]].astype(np.float64)
    there = np.isfinite(chosen).any(axis=0)
    chosen[:, ~there] = 0.0
    logarithmic = np.nanquantile(chosen, 0.99, axis=0) > LONG_TAIL
    plain = np.where(logarithmic, np.sign(chosen) * np.log1p(np.abs(chosen)), chosen)
    deviation = np.maximum(np.nanstd(plain, axis=0), LEAST_DEVIATION)
    return Scaling.of(
        features,
        logarithmic.tolist(),
        np.nanmean(plain, axis=0).round(DECIMALS).tolist(),
        deviation.round(DECIMALS).tolist(),
    )


def fit_baseline(
    train: Sequence[LearnerRows],
    calibration: Sequence[LearnerRows],
    data: str,
    features: Sequence[str] | None = None,
) -> BaselineWeights:
    """Fit on learners of simulated lessons.

    Args:
        calibration: other learners, for the temperature.
        data: what they are, in plain words.
        features: names of the features to read; all of them if None.
    """
    names = list(features or (feature.name for feature in FEATURES))
    values = np.concatenate([each.values[::STEP] for each in train])
    truth = np.concatenate([each.truth[::STEP] for each in train])
    scaling = fit_scaling(values, names)
    scaled, there = scaling.apply(with_modalities_dropped(values))
    regression = LogisticRegression(C=STRENGTH, max_iter=300)
    regression.fit(np.concatenate([scaled, 1 - there], axis=1), truth)
    weights = _weights(scaling, regression, data, _counted_rules(values, truth, names))
    return _calibrated(weights, calibration)


def _weights(
    scaling: Scaling, regression: LogisticRegression, data: str, rules: list[Rule]
) -> BaselineWeights:
    count = len(scaling.features)
    coefficients = np.zeros((len(STATES), 2 * count))
    bias = np.full(len(STATES), -8.0)
    coefficients[regression.classes_] = regression.coef_
    bias[regression.classes_] = regression.intercept_
    digest = hashlib.sha256(coefficients.round(DECIMALS).tobytes()).hexdigest()[:8]
    rounded = coefficients.round(DECIMALS)
    return BaselineWeights(
        name=NAME,
        version=f"simulated-{digest}",
        data=data,
        features=list(scaling.features),
        logarithmic=scaling.logarithmic.tolist(),
        mean=[round(float(each), DECIMALS) for each in scaling.mean],
        deviation=[round(float(each), DECIMALS) for each in scaling.deviation],
        bias=dict(zip(STATES, bias.round(DECIMALS).tolist(), strict=True)),
        weights=dict(zip(STATES, rounded[:, :count].tolist(), strict=True)),
        absent=dict(zip(STATES, rounded[:, count:].tolist(), strict=True)),
        rules=rules,
        temperature=1.0,
    )


def _counted_rules(values: Array, truth: NDArray[np.int64], names: Sequence[str]) -> list[Rule]:
    """Return the rules whose feature is read, each with how often it was right."""
    rules = []
    open_rows = np.ones(len(values), bool)
    for feature, bound, value, state in RULES:
        if feature not in names:
            continue
        seen = values[:, COLUMNS[feature]]
        fires = open_rows & ((seen >= value) if bound == "at_least" else (seen <= value))
        right = int((truth[fires] == STATES.index(state)).sum())
        probability = (right + 1) / (int(fires.sum()) + 2)
        rules.append(
            Rule(
                feature=feature,
                bound=bound,
                value=value,
                state=state,
                probability=round(probability, DECIMALS),
            )
        )
        open_rows &= ~fires
    return rules


def _calibrated(weights: BaselineWeights, calibration: Sequence[LearnerRows]) -> BaselineWeights:
    model = BaselineModel(weights)
    values = with_modalities_dropped(np.concatenate([each.values for each in calibration]))
    truth = np.concatenate([each.truth for each in calibration])
    temperature = best_temperature(model.logits(values), truth)
    return weights.model_copy(update={"temperature": round(temperature, DECIMALS)})
