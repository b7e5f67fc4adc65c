"""How near what somebody said lies to the objective at hand, by sentence embeddings.

The thresholds of what is read from a likeness are MiniLM's, so this is always MiniLM.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lessons.errors import InvalidInput
from models.embeddings.interface import Encoder
from models.embeddings.loading import load_encoder


def load_topics() -> TopicSimilarity | None:
    """Load the embedding model; None where its packages, which are optional, are not installed."""
    try:
        return TopicSimilarity(load_encoder())
    except InvalidInput:
        return None


class TopicSimilarity:
    """Compares texts by the angle between their embeddings.

    Args:
        encoder: of the texts.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.name = encoder.name
        self._encoder = encoder

    def similarities(self, said: Sequence[str], topics: Sequence[str]) -> list[float]:
        """Return the cosine of each text and its topic, in -1..1; each distinct text is read once.

        Raises:
            ValueError: there are not as many topics as texts.
        """
        if len(said) != len(topics):
            raise ValueError("every text needs a topic")
        vectors = self._encoder.encode([*said, *topics])
        products = np.einsum("nd,nd->n", vectors[: len(said)], vectors[len(said) :])
        return [float(one) for one in np.clip(products, -1.0, 1.0)]
