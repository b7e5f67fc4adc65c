"""How much of one gateway stateless transcription may take: so many streams and files at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lessons.errors import Overloaded

STREAMS_AT_ONCE = 64
"""Open streams of one gateway: judging each for speech costs about a hundredth of a core."""
FILES_AT_ONCE = 4
"""Files of one gateway that are transcribed at the same time; each keeps the models busy."""
RETRY_AFTER_SECONDS = 10


class Places:
    """Places of one kind; whoever finds none is told when to come again.

    Args:
        name: what takes a place, as people read it.
        most: places there are.

    Attributes:
        taken: places that are held now.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self.taken = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold a place for as long as the block lasts.

        Raises:
            Overloaded: all are taken.
        """
        if self.taken >= self._most:
            raise Overloaded(
                f"This gateway has {self._most} {self._name} to transcribe already.",
                fix="Come again as Retry-After says, or run another gateway.",
                retry_after_seconds=RETRY_AFTER_SECONDS,
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
