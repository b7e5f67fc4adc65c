"""The temporal model: a small causal network over a learner's last windows, run by onnxruntime."""

from __future__ import annotations

import hashlib

import numpy as np
import onnxruntime
from pydantic import BaseModel, ConfigDict, Field

from lessons.errors import InvalidInput
from models.engagement.interface import Array
from models.engagement.scaling import Scaling


class Gain(BaseModel):
    """How much more the temporal model reaches than the baseline, with a 95 % interval."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float


class Comparison(BaseModel):
    """Macro-F1 against the baseline on learners that neither was fitted on.

    Attributes:
        held_out: learners of known kinds.
        unseen: learners of kinds that nothing was fitted on.
        missing: both, by what is missing of them.
    """

    model_config = ConfigDict(frozen=True)

    held_out: Gain
    unseen: Gain
    missing: dict[str, Gain]


class TemporalCard(BaseModel):
    """The network's card: what it is, what it reads, and how it compares to the baseline.

    Attributes:
        comparison: None before it was compared; then it does not serve.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    data: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    sha256: str
    history: int = Field(ge=1)
    features: list[str] = Field(min_length=1)
    logarithmic: list[bool]
    mean: list[float]
    deviation: list[float]
    comparison: Comparison | None = None


class TemporalModel:
    """A causal convolutional network with masks for what is missing. One call at a time.

    Args:
        card: what belongs to the network.
        network: the ONNX file's content.
        threads: that it may use.

    Raises:
        InvalidInput: the network is not the one that the card tells of, or features are gone.
    """

    def __init__(self, card: TemporalCard, network: bytes, threads: int = 1) -> None:
        digest = hashlib.sha256(network).hexdigest()
        if digest != card.sha256:
            raise InvalidInput(
                f"The network's checksum is {digest}, and its card says {card.sha256}.",
                field="temporal.onnx",
                fix="Fetch it again, or write both: python -m training.train_engagement --write.",
            )
        self.name, self.version, self.history = card.name, card.version, card.history
        self._scaling = Scaling.of(card.features, card.logarithmic, card.mean, card.deviation)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            network, options, providers=["CPUExecutionProvider"]
        )

    def probabilities(self, windows: Array) -> Array:
        """See `EngagementModel`."""
        newest: Array = self._run(windows)[:, -1]
        return newest

    def over_lesson(self, values: Array) -> Array:
        """Return the probabilities at every window of one learner's lesson, none seeing ahead.

        Args:
            values: shape (windows, features), from the lesson's first window on.

        Returns:
            shape (windows, states): as `probabilities` gives them window by window.
        """
        told: Array = self._run(values[np.newaxis])[0]
        return told

    def _run(self, windows: Array) -> Array:
        scaled, there = self._scaling.apply(windows)
        (chances,) = self._session.run(None, {"scaled": scaled, "there": there})
        return np.asarray(chances, np.float32)
