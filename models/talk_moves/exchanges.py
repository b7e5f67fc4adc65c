"""Uptake, focusing questions and being on task, of exchanges between a learner and a tutor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from models.embeddings.interface import Encoder
from models.talk_moves.interface import Exchange
from models.talk_moves.judged import JudgedExchanges
from models.talk_moves.turns_as_pairs import pairs_of_exchanges

if TYPE_CHECKING:
    from models.talk_moves.running import RunningNetwork

FOLDER = Path(__file__).parent / "exchanges"
"""What ships."""

OUTPUTS = ("uptake", "focusing", "focusing_filtered", "student_on_task", "teacher_on_task")
"""What the network gives: three z-scores, then two chances as logits."""

Z_SCORES = 3
"""So many outputs, the first ones, are z-scores; the others are chances."""


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
    """An `ExchangeReader`, `UptakeModel`, `FocusingModel` and `OnTaskModel`.

    Being on task is the network's word; z-scores are an average of its and of what exchanges that
    raters have judged tell, with the shares that the network's card says.

    Args:
        network: whose outputs are OUTPUTS.
        judged: whose outputs are the Z_SCORES first of them.
        encoder: as it is without the network's changes.

    Attributes:
        fitted_on: names of the published transcripts that it was fitted on.
    """

    def __init__(self, network: RunningNetwork, judged: JudgedExchanges, encoder: Encoder) -> None:
        self.name, self.version = network.card.name, network.card.version
        self.fitted_on = frozenset(network.card.fitted_on)
        self._network, self._judged, self._encoder = network, judged, encoder
        self._shares = np.asarray(network.card.judged_shares, np.float32)

    def read(self, exchanges: Sequence[Exchange]) -> list[ExchangeReading]:
        """Return all that exchanges show, in their order."""
        values = self.values(exchanges).astype(np.float64)
        chances = 1 / (1 + np.exp(-values[:, 3:]))
        return [
            ExchangeReading(float(row[0]), float(row[1]), float(learner), float(tutor))
            for row, (learner, tutor) in zip(values, chances, strict=True)
        ]

    def values(self, exchanges: Sequence[Exchange]) -> NDArray[np.float32]:
        """Return z-scores and logits, shape (exchanges, outputs), columns as in OUTPUTS."""
        values = self._network.outputs(pairs_of_exchanges(exchanges))
        return blended(values, self._judged.values(exchanges, self._encoder), self._shares)

    def uptake(self, exchanges: Sequence[Exchange]) -> list[float]:
        """See `UptakeModel`."""
        return [each.uptake for each in self.read(exchanges)]

    def focusing(self, exchanges: Sequence[Exchange]) -> list[float]:
        """See `FocusingModel`."""
        return [each.focusing for each in self.read(exchanges)]

    def on_task(self, exchanges: Sequence[Exchange]) -> list[float]:
        """See `OnTaskModel`."""
        return [each.student_on_task for each in self.read(exchanges)]


def blended(
    network: NDArray[np.float32], judged: NDArray[np.float32], shares: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return a network's values with its z-scores averaged with those of judged exchanges.

    Args:
        network: shape (exchanges, outputs).
        judged: shape (exchanges, Z_SCORES).
        shares: of the judged exchanges, shape (Z_SCORES,).
    """
    values = network.copy()
    values[:, :Z_SCORES] += shares * (judged - network[:, :Z_SCORES])
    return values
