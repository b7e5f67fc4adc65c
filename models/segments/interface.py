"""What a segment is: consecutive utterances that belong together, with a kind and a title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SegmentKind = Literal["opening", "instruction", "practice", "review", "closing", "other"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows `start` to `end` of a lesson's utterances; `end` is the next segment's first row.

    Attributes:
        start_ms: when its first utterance begins, on the lesson clock.
        end_ms: when the last of its utterances to end ends.
        title: words of the lesson or of the worksheet, never others; empty where none tells.
        problem_id: the worksheet's problem that it is about, or None.
        confidence: 0 to 1: how sure its borders and its kind are, not whether the title is apt.
    """

    start: int
    end: int
    start_ms: int
    end_ms: int
    kind: SegmentKind
    title: str
    problem_id: str | None
    confidence: float
