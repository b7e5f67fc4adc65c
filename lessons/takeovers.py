"""When a person captioned a lesson by hand, and which of the engine's captions that supersedes."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass

from lessons.events import (
    CaptionerHandedBack,
    CaptionerTookOver,
    CaptionFinal,
    LearningEvent,
    LessonEnded,
)

HUMAN = "human"
"""The engine of a caption that a person typed."""

SILENCE_MS = 30_000
"""A captioner who has sent nothing for this long supersedes nothing: readers are never left with
no captions at all because somebody took over and went away."""

TAKEOVER_TYPES = (CaptionerTookOver.type, CaptionerHandedBack.type, LessonEnded.type)


@dataclass(frozen=True, slots=True)
class Takeover:
    """A span on the lesson clock in which somebody captioned by hand; it goes on without an end."""

    participant_id: str
    name: str
    start_ms: int
    end_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        """Tell whether it holds at a moment."""
        return self.start_ms <= at_ms and (self.end_ms is None or at_ms < self.end_ms)


class Takeovers:
    """The takeovers of a lesson, as its events in ledger order tell of them."""

    def __init__(self, events: Iterable[LearningEvent] = ()) -> None:
        self.spans: list[Takeover] = []
        self._typed_ms: list[int] = []
        for event in events:
            self.follow(event)

    @property
    def current(self) -> Takeover | None:
        """Who captions by hand now."""
        return self.spans[-1] if self.spans and self.spans[-1].end_ms is None else None

    def follow(self, event: LearningEvent) -> None:
        """Take the lesson's next event."""
        data, at_ms = event.data, event.lessontimems
        if isinstance(data, CaptionerTookOver | CaptionerHandedBack | LessonEnded):
            self._end(at_ms)
        if isinstance(data, CaptionerTookOver):
            self.spans.append(Takeover(event.subject or "", data.name, at_ms))
            insort(self._typed_ms, at_ms)
        elif isinstance(data, CaptionFinal) and data.engine == HUMAN:
            insort(self._typed_ms, data.start_ms)

    def _end(self, at_ms: int) -> None:
        held = self.current
        if held is not None:
            self.spans[-1] = Takeover(held.participant_id, held.name, held.start_ms, at_ms)

    def supersedes(self, engine: str, start_ms: int) -> bool:
        """Tell whether a caption of this engine, which begins then, is left to the captioner."""
        if engine == HUMAN or not any(span.holds(start_ms) for span in self.spans):
            return False
        last = bisect_right(self._typed_ms, start_ms)
        return last > 0 and start_ms - self._typed_ms[last - 1] <= SILENCE_MS
