"""Metrics of served models that lessons are read with: calls, how long they took, and batches."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from serving.observability.scales import BATCH_WINDOWS, CALL_SECONDS


class ReadingMetrics:
    """What one process counts of its calls of the models process about lessons."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._calls = Counter(
            "lectern_reading_calls",
            "Calls of served models that lessons are read with, by model and outcome: done, or "
            "the error's code.",
            ["model", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "lectern_reading_call_seconds",
            "Time that such a call took.",
            ["model"],
            buckets=CALL_SECONDS,
            registry=registry,
        )
        self._joined = Histogram(
            "lectern_reading_batch_requests",
            "Requests that were answered by the model's call that a request was part of.",
            ["model"],
            buckets=BATCH_WINDOWS,
            registry=registry,
        )

    def answered(self, model: str, seconds: float, joined: int) -> None:
        """Count a call that was answered together with others."""
        self._calls.labels(model, "done").inc()
        self._seconds.labels(model).observe(seconds)
        self._joined.labels(model).observe(joined)

    def failed(self, model: str, code: str) -> None:
        """Count a call that was not answered."""
        self._calls.labels(model, code).inc()
