"""What every encoder is: texts in, vectors of unit length out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors whose products are cosines. It keeps nothing between calls.

    Attributes:
        name: of its weights, as signals carry it.
        version: of the library that runs them.
        dimension: numbers of a vector.
    """

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def dimension(self) -> int: ...  # noqa: D102

    def encode(self, texts: Sequence[str]) -> Array:
        """Return the texts' vectors, shape (texts, dimension), each of length 1.

        Any number of texts, of any length: what is past the model's longest is not read.
        """
        ...
