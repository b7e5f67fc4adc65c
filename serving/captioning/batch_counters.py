"""What became of the windows that a captioner was given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class BatchCounters:
    """What became of the windows so far.

    Attributes:
        windows: windows that reached an engine.
        calls: calls that they took.
        largest: most windows in one call.
        smaller_windows: windows that the smaller model took.
        partials_expired: partials that waited past their budget and were dropped.
        partials_replaced: partials that were dropped since a newer window of their track came.
        recordings_deferred: windows of recordings that were handed back for live lessons.
        finals_late: live finals that were answered after their deadline.
    """

    windows: int = 0
    calls: int = 0
    largest: int = 0
    smaller_windows: int = 0
    partials_expired: int = 0
    partials_replaced: int = 0
    recordings_deferred: int = 0
    finals_late: int = 0

    def add(self, windows: int, *, smaller: bool = False) -> None:
        """Count one call of an engine."""
        self.windows += windows
        self.calls += 1
        self.largest = max(self.largest, windows)
        self.smaller_windows += windows if smaller else 0
