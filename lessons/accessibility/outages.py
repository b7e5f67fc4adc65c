"""For how long a lesson's captions missed a target, from the alarms in its ledger."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from lessons.events import (
    CaptionsTargetMet,
    CaptionsTargetMissed,
    LearningEvent,
    LessonEnded,
    TrackEnded,
)
from lessons.events.accessibility import Target


class Outage(BaseModel):
    """A span on the lesson clock in which the captions of a track missed a target."""

    model_config = ConfigDict(frozen=True)

    track_id: str
    participant_id: str
    target: Target
    start_ms: int
    end_ms: int | None = Field(description="When it was last missed; null while it still is")
    reason: str


class Outages:
    """Follows a lesson's alarms; a track that ends, ends its own."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, Target], Outage] = {}
        self._over: list[Outage] = []

    @property
    def all(self) -> list[Outage]:
        """Every outage by its start."""
        return sorted([*self._over, *self._open.values()], key=lambda outage: outage.start_ms)

    def follow(self, event: LearningEvent) -> None:
        """Take the lesson's next event."""
        data = event.data
        if isinstance(data, CaptionsTargetMissed):
            self._open[data.track_id, data.target] = Outage(
                track_id=data.track_id,
                participant_id=event.subject or "",
                target=data.target,
                start_ms=data.since_ms,
                end_ms=None,
                reason=data.reason,
            )
        elif isinstance(data, CaptionsTargetMet):
            self._end([(data.track_id, data.target)], data.until_ms)
        elif isinstance(data, TrackEnded):
            self._end([key for key in self._open if key[0] == data.track_id], event.lessontimems)
        elif isinstance(data, LessonEnded):
            self._end(list(self._open), event.lessontimems)

    def _end(self, keys: Iterable[tuple[str, Target]], at_ms: int) -> None:
        for key in keys:
            outage = self._open.pop(key, None)
            if outage is not None:
                end_ms = max(at_ms, outage.start_ms)
                self._over.append(outage.model_copy(update={"end_ms": end_ms}))


def time_outside_ms(outages: Iterable[Outage], now_ms: int) -> int:
    """Return for how long at least one track missed its target."""
    total, covered = 0, 0
    for outage in sorted(outages, key=lambda one: one.start_ms):
        end = now_ms if outage.end_ms is None else outage.end_ms
        total += max(0, end - max(covered, outage.start_ms))
        covered = max(covered, end)
    return total
