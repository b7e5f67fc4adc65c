"""Metrics of live notes: lessons that are read, what is told of them, and how late it is."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LATE_SECONDS = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
"""From the end of what a note rests on to the note in the ledger."""


class NotesMetrics:
    """What one process counts of the notes that it takes."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.lessons = Gauge(
            "lectern_noted_lessons",
            "Live lessons of which this process takes notes.",
            registry=registry,
        )
        self._late = Histogram(
            "lectern_live_note_seconds",
            "Time from the end of what a note rests on to the note in the ledger, by its type.",
            ["type"],
            buckets=LATE_SECONDS,
            registry=registry,
        )
        self.refused = Counter(
            "lectern_live_notes_refused",
            "Notes that were not stored: no_consent, known (by a process before this one), "
            "stranger.",
            ["reason"],
            registry=registry,
        )

    def told(self, event_type: str, seconds: float) -> None:
        """Count a note, and how late it came."""
        self._late.labels(event_type).observe(max(seconds, 0.0))
