"""The parameters of knowledge tracing: what the file holds, and the version that it names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NAMES = ("prior", "learn", "slip", "guess", "forget")


@dataclass(frozen=True, slots=True)
class TracingParameters:
    """Draws of the five parameters, one draw per row: how objectives differ from each other.

    Attributes:
        version: name of the file's content; every estimate carries it.
        data: what the draws were fitted on, in plain words.
        prior: shape (draws,), probability that the objective is known before the first answer.
        learn: shape (draws,), probability that an opportunity to practise makes it known.
        slip: shape (draws,), probability of a wrong answer though it is known.
        guess: shape (draws,), probability of a right answer though it is not known.
        forget: shape (draws,), probability per day that it is forgotten.
    """

    version: str
    data: str
    prior: Array
    learn: Array
    slip: Array
    guess: Array
    forget: Array

    @classmethod
    def from_draws(cls, version: str, data: str, draws: Array) -> TracingParameters:
        """Return the parameters of an array of shape (draws, 5), columns as in `NAMES`."""
        return cls(version, data, *(np.asarray(column, np.float64) for column in draws.T))


def shipped_parameters() -> TracingParameters:
    """Return the parameters that come with Lectern; `card.md` beside them says what they are."""
    content = json.loads(files("models.mastery").joinpath("parameters.json").read_text("utf-8"))
    return TracingParameters.from_draws(
        content["version"], content["data"], np.array(content["draws"], np.float64)
    )
