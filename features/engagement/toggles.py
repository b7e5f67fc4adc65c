"""Something that is on or off, from changes that may come late and in any order."""

from __future__ import annotations

from bisect import bisect_right


class Toggle:
    """The history of one switch over the last ten minutes; before its first change it is off."""

    __slots__ = ("_changes",)

    def __init__(self) -> None:
        self._changes: list[tuple[float, bool]] = []

    def set(self, at_ms: float, *, on: bool) -> None:
        """Take a change; of two at the same moment, the one that comes last holds."""
        place = bisect_right(self._changes, at_ms, key=lambda change: change[0])
        self._changes.insert(place, (at_ms, on))

    def on_ms(self, start_ms: float, end_ms: float) -> float:
        """Return for how long it was on within a span, in ms."""
        total, later = 0.0, end_ms
        for at_ms, on in reversed(self._changes):
            if at_ms >= later:
                continue
            if on:
                total += later - max(at_ms, start_ms)
            later = max(at_ms, start_ms)
            if at_ms <= start_ms:
                break
        return total

    def on_since(self, end_ms: float) -> float | None:
        """Return since when it is on at a moment; None where it is off then."""
        since: float | None = None
        for at_ms, on in reversed(self._changes):
            if at_ms >= end_ms:
                continue
            if not on:
                break
            since = at_ms
        return since

    def forget(self, before_ms: float) -> None:
        """Drop what lies before a moment, but for the state that held then."""
        place = bisect_right(self._changes, before_ms, key=lambda change: change[0])
        if place > 1:
            del self._changes[: place - 1]
