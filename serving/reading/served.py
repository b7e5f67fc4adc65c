"""Models in another process that look like models in this one to whoever reads a lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.embeddings.interface import Array
from models.segments.network import RowInputs
from models.summaries.interface import ChatPrompt
from models.talk_moves.exchanges import ExchangeReading
from models.talk_moves.interface import Exchange, MoveProbabilities, Turn
from serving.reading.client import ReadingClient
from serving.reading.loaded import LoadedReadingModel


class ServedModel:
    """What all of them have: a name, a version, and the way to the model.

    Every call raises Unavailable where the models process is away, or has another model by now.

    Args:
        told: what the models process has loaded.
    """

    def __init__(self, client: ReadingClient, told: LoadedReadingModel) -> None:
        self.name, self.version = told.model or "", told.version or ""
        self._client, self._told = client, told


class ServedEncoder(ServedModel):
    """An `Encoder`."""

    @property
    def dimension(self) -> int:
        """Numbers of a vector."""
        return self._told.dimension or 0

    def encode(self, texts: Sequence[str]) -> Array:
        """See `Encoder`."""
        vectors = self._client.read(self._told, texts)
        return np.stack(vectors) if vectors else np.zeros((0, self.dimension), np.float32)


class ServedExchanges(ServedModel):
    """An `ExchangeReader`."""

    def read(self, exchanges: Sequence[Exchange]) -> list[ExchangeReading]:
        """See `ExchangeReader`."""
        return self._client.read(self._told, exchanges)


class ServedMoves(ServedModel):
    """A `TalkMoveModel`."""

    def classify(self, turns: Sequence[Turn]) -> list[MoveProbabilities]:
        """See `TalkMoveModel`."""
        return self._client.read(self._told, turns)


class ServedChat(ServedModel):
    """A `ChatModel`."""

    def answer(self, instruction: str, material: str, schema: Mapping[str, Any]) -> str:
        """See `ChatModel`."""
        prompt = ChatPrompt(instruction, material, schema)
        return str(self._client.read(self._told, [prompt])[0])


class ServedRows(ServedModel):
    """A `RowModel`, for the segmenter of the same version."""

    def logits(self, inputs: Sequence[RowInputs]) -> list[Array]:
        """See `RowModel`."""
        return self._client.read(self._told, inputs)
