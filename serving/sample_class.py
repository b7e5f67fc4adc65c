"""The class of the sample lesson: what its browsers tell, while two of it are heard."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lessons.events.attention import BUCKET_MS

CLASS_FILE = Path(__file__).parent / "sample_lesson" / "class.json"

BURSTS = (0.0, 0.5, 0.8, 1.2, 2.5)
"""How much of the mean a bucket holds; one of these, by chance."""


class ClassEvent(BaseModel):
    """What one person does at a moment of the lesson clock, as a platform posts it."""

    model_config = ConfigDict(frozen=True)

    at_ms: int
    type: str
    data: dict[str, Any] = Field(default_factory=dict)


class ActivitySpan(BaseModel):
    """How much input a browser sees until a moment: the means of a bucket, by kind of input."""

    model_config = ConfigDict(frozen=True)

    until_ms: int
    counts: dict[str, int]


class ClassMember(BaseModel):
    """One person of the class, by name, with what their browser tells."""

    model_config = ConfigDict(frozen=True)

    name: str
    activity: list[ActivitySpan]
    events: list[ClassEvent]

    def posted(self, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
        """Return what the browser posts of one bucket, in order; the counts come last."""
        due = [one for one in self.events if start_ms <= one.at_ms < end_ms]
        events = [self._event(one.at_ms, one.type, one.data) for one in due]
        if self.activity:
            counted = {"start_ms": start_ms, "buckets": [self._counts(start_ms)]}
            events.append(self._event(end_ms, "activity.counted", counted))
        return events

    def _event(self, at_ms: int, type_name: str, data: dict[str, Any]) -> dict[str, Any]:
        name = f"{self.name.lower()}-{at_ms}-{type_name}"
        return {"id": name, "type": type_name, "lessontimems": at_ms, "data": data}

    def _counts(self, start_ms: int) -> dict[str, int]:
        """Return the counts of one bucket: in bursts, as people's are, and the same each time."""
        span = next((one for one in self.activity if start_ms < one.until_ms), self.activity[-1])
        burst = BURSTS[zlib.crc32(f"{self.name} {start_ms}".encode()) % len(BURSTS)]
        return {kind: round(mean * burst) for kind, mean in span.counts.items()}


class SampleClass(BaseModel):
    """The whole class, as class.json has it."""

    model_config = ConfigDict(frozen=True)

    duration_ms: int
    teacher: ClassMember
    learners: list[ClassMember]

    def buckets(self) -> Iterator[tuple[int, list[tuple[str, list[dict[str, Any]]]]]]:
        """Yield the end of each bucket, and what each person who has something to tell posts."""
        members = (self.teacher, *self.learners)
        for start_ms in range(0, self.duration_ms, BUCKET_MS):
            end_ms = start_ms + BUCKET_MS
            told = [(member.name, member.posted(start_ms, end_ms)) for member in members]
            yield end_ms, [(name, events) for name, events in told if events]


@cache
def sample_class() -> SampleClass:
    """Return the class that comes with Lectern."""
    return SampleClass.model_validate_json(CLASS_FILE.read_text("utf-8"))
