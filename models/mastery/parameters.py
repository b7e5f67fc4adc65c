"""The parameters of knowledge tracing: what the file holds, and the version that it names."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from lessons.errors import InvalidInput

Array = NDArray[np.float64]

_Chance = Annotated[float, Field(gt=0, lt=1)]

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


class _ParameterFile(BaseModel):
    """What `training.train_mastery` writes; what it measured stands there too."""

    version: str = Field(min_length=1)
    data: str
    draws: list[tuple[_Chance, _Chance, _Chance, _Chance, _Chance]] = Field(min_length=1)


def shipped_parameters() -> TracingParameters:
    """Return the parameters that come with Lectern; `card.md` beside them says what they are."""
    return _parameters(files("models.mastery").joinpath("parameters.json").read_text("utf-8"))


def load_parameters(path: Path) -> TracingParameters:
    """Return the parameters of a file that `training.train_mastery --output` wrote.

    Raises:
        InvalidInput: the file is not there, or is none of those.
    """
    try:
        return _parameters(path.read_text("utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path} holds no parameters: {error}",
            field="LECTERN_MASTERY_PARAMETERS",
            fix="Write it with `python -m training.train_mastery --export FOLDER --output FILE`.",
        ) from error


def _parameters(text: str) -> TracingParameters:
    content = _ParameterFile.model_validate_json(text)
    return TracingParameters.from_draws(
        content.version, content.data, np.array(content.draws, np.float64)
    )
