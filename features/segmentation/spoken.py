"""What segmentation reads of an utterance."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Spoken(Protocol):
    """One utterance. Times are milliseconds on the lesson clock.

    Attributes:
        role: "tutor" for who teaches; anything else is somebody who learns.
        language: BCP 47, or None where nobody knows it.
    """

    @property
    def participant_id(self) -> str: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102
    @property
    def start_ms(self) -> int: ...  # noqa: D102
    @property
    def end_ms(self) -> int: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def language(self) -> str | None: ...  # noqa: D102
