"""Metrics of the engagement process: what it follows, how late its signals are, who made them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from serving.observability.scales import CALL_SECONDS
from serving.observability.scraping import new_registry

SIGNAL_SECONDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""From a window's end to its signals in the ledger. The target is 2 s."""

TICK_LEARNERS = (1, 4, 16, 64, 256, 1024, 4096)


class EngagementMetrics:
    """What one engagement process counts."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or new_registry()
        self.lessons = Gauge(
            "lectern_engagement_lessons",
            "Live lessons that this process follows.",
            registry=self.registry,
        )
        self.signal_seconds = Histogram(
            "lectern_engagement_signal_seconds",
            "Time from the end of a window to its signals in the ledger.",
            buckets=SIGNAL_SECONDS,
            registry=self.registry,
        )
        self.events = Counter(
            "lectern_engagement_events",
            "Events of engagement that were written, by type.",
            ["type"],
            registry=self.registry,
        )
        self.refused = Counter(
            "lectern_engagement_events_refused",
            "Events of engagement that were not stored: no_consent, known (by a process before "
            "this one), erased.",
            ["reason"],
            registry=self.registry,
        )
        self.dropped = Counter(
            "lectern_engagement_events_dropped",
            "Events of engagement that waited too long for the store.",
            registry=self.registry,
        )
        self.skipped = Counter(
            "lectern_engagement_windows_skipped",
            "Windows of learners that were closed too late to be judged.",
            registry=self.registry,
        )
        self.ticks = Counter(
            "lectern_engagement_ticks",
            "Calls of a model, by where it ran: served, or in_process (the baseline).",
            ["where"],
            registry=self.registry,
        )
        self.tick_seconds = Histogram(
            "lectern_engagement_tick_seconds",
            "Time of one call of a model, for all learners whose windows ended together.",
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self.tick_learners = Histogram(
            "lectern_engagement_tick_learners",
            "Learners of one call of a model.",
            buckets=TICK_LEARNERS,
            registry=self.registry,
        )
