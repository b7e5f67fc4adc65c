"""Who spoke when: spans from voice activity, platforms and captions, joined where they overlap."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

Piece = tuple[float, float]
"""A span on the lesson clock, start and end in ms."""

PAUSE_MS = 1_500
"""Speech that goes on after less than this is the same turn."""

LONGEST_OPEN_MS = 60_000
"""An utterance that nobody ended is taken to have ended after this."""


class Spans:
    """Spans of one person's speech that do not overlap, in order."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []

    def is_a_turn(self, start_ms: float, end_ms: float) -> bool:
        """Tell whether a span that is not there yet lies a pause away from every other."""
        first = bisect_right(self._ends, start_ms - PAUSE_MS)
        return first == len(self._starts) or self._starts[first] >= end_ms + PAUSE_MS

    def add(self, start_ms: float, end_ms: float) -> list[Piece]:
        """Add a span; return those pieces of it that were not there yet."""
        if end_ms <= start_ms:
            return []
        first = bisect_left(self._ends, start_ms)
        last = bisect_right(self._starts, end_ms)
        pieces, at = [], start_ms
        for start, end in zip(self._starts[first:last], self._ends[first:last], strict=True):
            if start > at:
                pieces.append((at, start))
            at = max(at, end)
        if at < end_ms:
            pieces.append((at, end_ms))
        joined_start = min([start_ms, *self._starts[first:last][:1]])
        joined_end = max([end_ms, *self._ends[first:last][-1:]])
        self._starts[first:last] = [joined_start]
        self._ends[first:last] = [joined_end]
        return pieces

    def within(self, start_ms: float, end_ms: float) -> float:
        """Return how much of a span was spoken, in ms."""
        first = bisect_right(self._ends, start_ms)
        last = bisect_left(self._starts, end_ms)
        return sum(
            min(end, end_ms) - max(start, start_ms)
            for start, end in zip(self._starts[first:last], self._ends[first:last], strict=True)
        )

    def next_start(self, at_ms: float, tolerance_ms: float) -> float | None:
        """Return when the first speech began that goes on after a moment; None: none did.

        Speech that began up to `tolerance_ms` before the moment counts as begun at it.
        """
        first = bisect_left(self._starts, at_ms - tolerance_ms)
        return max(self._starts[first], at_ms) if first < len(self._starts) else None

    def goes_on(self, at_ms: float) -> bool:
        """Tell whether somebody is in the middle of speaking at a moment."""
        first = bisect_right(self._ends, at_ms)
        return first < len(self._starts) and self._starts[first] < at_ms


class Talk:
    """The speech of everybody in a lesson."""

    def __init__(self) -> None:
        self._spans: defaultdict[str, Spans] = defaultdict(Spans)
        self._open: dict[tuple[str, str], float] = {}
        self._ended: set[tuple[str, str]] = set()

    def of(self, participant_id: str) -> Spans:
        """Return when somebody spoke."""
        return self._spans[participant_id]

    @property
    def people(self) -> Iterable[str]:
        """Everybody who was heard."""
        return self._spans

    def begin(self, participant_id: str, utterance_id: str, start_ms: float) -> None:
        """Take that somebody began to speak; `go_on` counts it until it ends.

        What is told of only after its end is no open utterance.
        """
        if (participant_id, utterance_id) not in self._ended:
            self._open[participant_id, utterance_id] = start_ms

    def end(self, participant_id: str, utterance_id: str) -> None:
        """Take that an utterance ended."""
        self._ended.add((participant_id, utterance_id))
        self._open.pop((participant_id, utterance_id), None)

    def go_on(self, end_ms: float) -> Iterator[tuple[str, float, float]]:
        """Return the open utterances up to a moment: whose, from when and until when."""
        for (participant_id, utterance_id), start_ms in list(self._open.items()):
            if start_ms >= end_ms:
                continue
            if end_ms - start_ms > LONGEST_OPEN_MS:
                del self._open[participant_id, utterance_id]
            yield participant_id, start_ms, min(end_ms, start_ms + LONGEST_OPEN_MS)
