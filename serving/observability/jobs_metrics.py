"""Metrics of the jobs process: the queue, what failed, late webhooks, and translations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from serving.observability.scales import CALL_SECONDS
from serving.observability.scraping import new_registry

STATUSES = ("todo", "doing", "failed")


class JobsMetrics:
    """What one jobs process counts."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or new_registry()
        self._waiting: dict[str, tuple[int, int]] = {}
        self._jobs = Gauge(
            "lectern_jobs",
            "Jobs in the queue of the whole installation, by task and status.",
            ["task", "status"],
            registry=self.registry,
        )
        self.webhook_attempts = Counter(
            "lectern_webhook_attempts",
            "Deliveries to webhooks that were tried, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self.webhooks_disabled = Counter(
            "lectern_webhooks_disabled",
            "Webhooks that were disabled because their receivers stayed away.",
            registry=self.registry,
        )
        self.lanes_behind = Gauge(
            "lectern_webhook_lanes_behind",
            "Lessons with events that wait for a webhook, over all tenants.",
            registry=self.registry,
        )
        self.webhook_events_waiting = Gauge(
            "lectern_webhook_events_waiting",
            "Events that wait for a webhook, over all tenants.",
            registry=self.registry,
        )

        self.translations = Counter(
            "lectern_caption_translations",
            "Translations of captions, by outcome: done, late, or why there is none.",
            ["outcome"],
            registry=self.registry,
        )
        self._translation_delay = Histogram(
            "lectern_caption_translation_seconds",
            "Time from a caption in the ledger to its translation there.",
            buckets=CALL_SECONDS,
            registry=self.registry,
        )

    def translated(self, seconds: float, *, late: bool) -> None:
        """Count a translation, and how long after its caption it came."""
        self.translations.labels("late" if late else "done").inc()
        self._translation_delay.observe(max(seconds, 0.0))

    def waits_for(self, webhook_id: str, lessons: int, events: int) -> None:
        """Take how much waits for one webhook, as it was when this process last delivered to it."""
        self._waiting.pop(webhook_id, None)
        if lessons:
            self._waiting[webhook_id] = (lessons, events)
        self.lanes_behind.set(sum(lessons for lessons, _ in self._waiting.values()))
        self.webhook_events_waiting.set(sum(events for _, events in self._waiting.values()))

    def queue_is(self, tasks: Iterable[dict[str, Any]]) -> None:
        """Take the state of the queue, as procrastinate lists its tasks."""
        self._jobs.clear()
        for task in tasks:
            for status in STATUSES:
                self._jobs.labels(task["name"], status).set(task[status])
