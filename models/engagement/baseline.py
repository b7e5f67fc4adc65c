"""The baseline: a few rules where there is proof, else logistic regression. It always works."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lessons.errors import InvalidInput
from models.engagement.interface import Array
from models.engagement.scaling import Scaling
from models.engagement.states import STATES


class Rule(BaseModel):
    """Where a feature reaches a value, a state holds with a probability.

    The probability was counted in the training data; what is left of 1 is spread by regression.
    """

    model_config = ConfigDict(frozen=True)

    feature: str
    bound: Literal["at_least", "at_most"]
    value: float
    state: str
    probability: float = Field(gt=0, lt=1)


class BaselineWeights(BaseModel):
    """What `training.train_engagement` writes; `card.md` says what it was measured on.

    Attributes:
        bias: by state.
        weights: by state, on each scaled feature.
        absent: by state, on each feature's absence.
        temperature: divides logits, so that probabilities are neither too sure nor too shy.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    data: str = Field(min_length=1)
    features: list[str] = Field(min_length=1)
    logarithmic: list[bool]
    mean: list[float]
    deviation: list[float]
    bias: dict[str, float]
    weights: dict[str, list[float]]
    absent: dict[str, list[float]]
    rules: list[Rule]
    temperature: float = Field(gt=0)


class BaselineModel:
    """Rules and logistic regression on the newest window alone. Numpy only."""

    history = 1

    def __init__(self, weights: BaselineWeights) -> None:
        self.name, self.version = weights.name, weights.version
        self._scaling = Scaling.of(
            weights.features, weights.logarithmic, weights.mean, weights.deviation
        )
        self._bias = np.array([weights.bias[state] for state in STATES], np.float32)
        self._weights = _matrix(weights.weights)
        self._absent = _matrix(weights.absent)
        self._temperature = weights.temperature
        places = dict(zip(weights.features, self._scaling.columns.tolist(), strict=True))
        self._rules = [(places[rule.feature], rule) for rule in weights.rules]

    def probabilities(self, windows: Array) -> Array:
        """See `EngagementModel`; of the history only the newest window counts."""
        return self.over_lesson(windows[:, -1])

    def over_lesson(self, values: Array) -> Array:
        """Return the probabilities at each of some windows, each for itself.

        Args:
            values: shape (windows, features).

        Returns:
            shape (windows, states).
        """
        chances = softmax(self.logits(values) / self._temperature)
        decided = np.zeros(len(values), bool)
        for column, rule in self._rules:
            fires = _fires(values[:, column], rule) & ~decided
            chances[fires] = _ruled(chances[fires], STATES.index(rule.state), rule.probability)
            decided |= fires
        return chances

    def logits(self, values: Array) -> Array:
        """Return what the regression makes of windows, shape (learners, states)."""
        scaled, there = self._scaling.apply(values)
        logits: Array = self._bias + scaled @ self._weights.T + (1 - there) @ self._absent.T
        return logits

    def strengths(self, values: Array) -> Array:
        """Return how strongly each feature of one window speaks for each state, -1 to 1.

        It is the feature's part in the regression against the mean over states; 0 where it is
        missing or not read.

        Args:
            values: shape (all features,).

        Returns:
            shape (states, all features).
        """
        scaled, _ = self._scaling.apply(values)
        parts = self._weights * scaled
        strengths = np.zeros((len(STATES), len(values)), np.float32)
        strengths[:, self._scaling.columns] = np.tanh(parts - parts.mean(axis=0))
        return strengths


def shipped_baseline() -> BaselineModel:
    """Return the baseline that comes with Lectern.

    Raises:
        InvalidInput: its file is damaged, or made for other features.
    """
    text = files("models.engagement").joinpath("baseline.json").read_text("utf-8")
    return BaselineModel(baseline_weights(text))


def baseline_weights(text: str) -> BaselineWeights:
    """Return the weights of a file's text.

    Raises:
        InvalidInput: it holds none.
    """
    try:
        return BaselineWeights.model_validate_json(text)
    except ValidationError as error:
        raise InvalidInput(
            f"There are no weights of the baseline in it: {error}",
            field="baseline.json",
            fix="Write it with `python -m training.train_engagement --write`.",
        ) from error


def softmax(logits: Array) -> Array:
    """Return probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chances: Array = raised / raised.sum(axis=-1, keepdims=True)
    return chances


def _matrix(by_state: dict[str, list[float]]) -> Array:
    rows: Sequence[list[float]] = [by_state[state] for state in STATES]
    return np.array(rows, np.float32)


def _fires(values: Array, rule: Rule) -> np.ndarray:
    """Say where a rule holds; nowhere where the feature is missing."""
    return values >= rule.value if rule.bound == "at_least" else values <= rule.value


def _ruled(chances: Array, state: int, probability: float) -> Array:
    """Return probabilities with that of one state set, and the others' shares of the rest kept."""
    others = chances.copy()
    others[:, state] = 0.0
    others *= (1 - probability) / np.maximum(others.sum(axis=1, keepdims=True), 1e-9)
    others[:, state] = probability
    return others
