"""An event as it is read: with its place on the lesson clock after the sender's was put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lessons.events import LearningEvent


@dataclass(frozen=True, slots=True)
class Told:
    """One event.

    Attributes:
        event: as the ledger has it.
        at_ms: when it was.
        shift_ms: what was added to the sender's clock for it; times in its data need the same.
    """

    event: LearningEvent
    at_ms: float
    shift_ms: float

    @property
    def data(self) -> Any:
        """What the event says; of the class that its type has."""
        return self.event.data
