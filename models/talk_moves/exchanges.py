"""Uptake, focusing questions and being on task, of exchanges between a learner and a tutor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from models.talk_moves.interface import Exchange
from models.talk_moves.turns_as_pairs import pairs_of_exchanges

if TYPE_CHECKING:
    from models.talk_moves.running import RunningNetwork

FOLDER = Path(__file__).parent / "exchanges"
"""What ships."""

OUTPUTS = ("uptake", "focusing", "focusing_filtered", "student_on_task", "teacher_on_task")
"""What the network gives: three z-scores, then two chances as logits."""


@dataclass(frozen=True, slots=True)
class ExchangeReading:
    """What an exchange shows.

    Attributes:
        uptake: see `UptakeModel`.
        focusing: see `FocusingModel`.
        student_on_task: chance that the learner's words are about the subject.
        teacher_on_task: chance that the tutor's words are.
    """

    uptake: float
    focusing: float
    student_on_task: float
    teacher_on_task: float


class ExchangeReader(Protocol):
    """Tells all that exchanges show. It keeps nothing between calls.

    Attributes:
        name: of the model, as summaries carry it.
        version: of its weights: another content has another version.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102

    def read(self, exchanges: Sequence[Exchange]) -> list[ExchangeReading]:
        """Return all that exchanges show, in their order."""
        ...


class ExchangeModel:
    """An `ExchangeReader`, `UptakeModel`, `FocusingModel` and `OnTaskModel` by one network.

    Args:
        network: whose outputs are OUTPUTS.

    Attributes:
        fitted_on: names of the published transcripts that it was fitted on.
    """

    def __init__(self, network: RunningNetwork) -> None:
        self.name, self.version = network.card.name, network.card.version
        self.fitted_on = frozenset(network.card.fitted_on)
        self._network = network

    def read(self, exchanges: Sequence[Exchange]) -> list[ExchangeReading]:
        """Return all that exchanges show, in their order."""
        values = self.values(exchanges).astype(np.float64)
        chances = 1 / (1 + np.exp(-values[:, 3:]))
        return [
            ExchangeReading(float(row[0]), float(row[1]), float(learner), float(tutor))
            for row, (learner, tutor) in zip(values, chances, strict=True)
        ]

    def values(self, exchanges: Sequence[Exchange]) -> NDArray[np.float32]:
        """Return what the network gives, shape (exchanges, outputs), columns as in OUTPUTS."""
        return self._network.outputs(pairs_of_exchanges(exchanges))

    def uptake(self, exchanges: Sequence[Exchange]) -> list[float]:
        """See `UptakeModel`."""
        return [each.uptake for each in self.read(exchanges)]

    def focusing(self, exchanges: Sequence[Exchange]) -> list[float]:
        """See `FocusingModel`."""
        return [each.focusing for each in self.read(exchanges)]

    def on_task(self, exchanges: Sequence[Exchange]) -> list[float]:
        """See `OnTaskModel`."""
        return [each.student_on_task for each in self.read(exchanges)]
