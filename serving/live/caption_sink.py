"""Where the captions of a track go, and what is counted of those that were lost or repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lessons.events import EventDraft, PartialCaption


class CaptionSink(Protocol):
    """Where captions go: partials to whoever watches, finals and turns of speech to the ledger."""

    async def partial(self, caption: PartialCaption) -> None:
        """Pass a partial by; it may be lost."""
        ...

    def record(self, draft: EventDraft) -> None:
        """Take responsibility for an event; it must not be lost."""
        ...

    def heard(self, speech_end_ms: float) -> None:
        """Note that speech up to here is through the captioner, whether it had words or not."""
        ...


@dataclass(slots=True)
class CaptionCounters:
    """What one track lost or repeated, for the worker's status page."""

    partials_replaced: int = 0
    early_commits: int = 0
    finals_overflowed: int = 0
    windows_given_up: int = 0
    retries: int = 0
