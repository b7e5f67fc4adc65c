"""Metrics of the models process: the captioner's queue, engine time, batches and replicas."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from serving.captioning.window_timing import WindowTiming
from serving.observability.scales import BATCH_WINDOWS, CALL_SECONDS, REAL_TIME_FACTOR
from serving.observability.scraping import new_registry


class ModelsMetrics:
    """What one models process counts."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or new_registry()
        self._replicas: set[str] = set()
        self.ready = Gauge(
            "lectern_captioner_ready", "1 once windows are taken.", registry=self.registry
        )
        self.windows = Counter(
            "lectern_captioner_windows",
            "Windows that came to the captioner, by class and by what became of them.",
            ["window", "outcome"],
            registry=self.registry,
        )
        self._queue = Histogram(
            "lectern_captioner_queue_seconds",
            "Time that a window waited in its replica for the engine.",
            ["window"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self._engine = Histogram(
            "lectern_captioner_engine_seconds",
            "Time of the engine's call that a window was part of.",
            ["window"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self._real_time_factor = Histogram(
            "lectern_captioner_engine_real_time_factor",
            "Engine time for each second of a window's audio.",
            buckets=REAL_TIME_FACTOR,
            registry=self.registry,
        )
        self._batch = Histogram(
            "lectern_captioner_batch_windows",
            "Windows in the engine's call that a window was part of.",
            buckets=BATCH_WINDOWS,
            registry=self.registry,
        )
        self._audio = Counter(
            "lectern_captioner_audio_seconds",
            "Audio that went through the engine.",
            ["window"],
            registry=self.registry,
        )
        self._started = Counter(
            "lectern_captioner_replicas_seen",
            "Replicas that have answered since this process began; more than run means restarts.",
            registry=self.registry,
        )

    def timed(self, window: str, audio_seconds: float, timing: WindowTiming) -> None:
        """Count what a replica told of its work on one window."""
        if timing.replica not in self._replicas:
            self._replicas.add(timing.replica)
            self._started.inc()
        self._queue.labels(window).observe(timing.queue_seconds)
        self._engine.labels(window).observe(timing.engine_seconds)
        self._batch.observe(timing.batch_windows)
        self._audio.labels(window).inc(audio_seconds)
        if audio_seconds > 0:
            self._real_time_factor.observe(timing.engine_seconds / audio_seconds)
