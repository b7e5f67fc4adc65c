"""An encoder of sentence-transformers. It is loaded by `models.embeddings.loading`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sentence_transformers
from sentence_transformers import SentenceTransformer

from models.embeddings.interface import Array

BATCH = 32
"""Texts of one pass; the library puts those of like length together."""


class SentenceEncoder:
    """Sentences as vectors, by a `SentenceTransformer`. One call at a time.

    Args:
        name: of the weights.
        model: the loaded model, on its device.
    """

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self.name = name
        self.version = f"sentence-transformers {sentence_transformers.__version__}"
        self.dimension = model.get_embedding_dimension() or 0
        self._model = model

    def encode(self, texts: Sequence[str]) -> Array:
        """See `Encoder`; each distinct text is read once."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        distinct = list(dict.fromkeys(texts))
        rows = np.asarray(
            self._model.encode(
                distinct, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            ),
            np.float32,
        )
        place = {text: row for row, text in enumerate(distinct)}
        vectors: Array = rows[[place[text] for text in texts]]
        return vectors
