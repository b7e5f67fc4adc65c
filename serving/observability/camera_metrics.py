"""Metrics of looking at cameras: how many, what became of pictures, why others are left alone."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from serving.observability.scales import CALL_SECONDS

CameraRefusal: TypeAlias = Literal["tenant", "region", "consent", "no_models", "unknown"]
"""Why a learner's camera is not looked at; `unknown`: the database could not be asked."""


class CameraMetrics:
    """What one ingest worker counts of its cameras.

    Attributes:
        frames_looked_at: pictures that were looked at, for the worker's status page.
        frames_replaced: pictures that a newer one took the place of.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.frames_looked_at = 0
        self.frames_replaced = 0
        self.watched = Gauge(
            "lectern_cameras_looked_at", "Cameras that are looked at.", registry=registry
        )
        self._frames = Counter(
            "lectern_camera_frames",
            "Pictures of such cameras: looked_at, or replaced by a newer one before it was.",
            ["outcome"],
            registry=registry,
        )
        self._frame_seconds = Histogram(
            "lectern_camera_frame_seconds",
            "Time of looking at one picture.",
            buckets=CALL_SECONDS,
            registry=registry,
        )
        self._refused = Counter(
            "lectern_cameras_refused",
            "Times that a learner's camera was not to be looked at, by what stood against it.",
            ["reason"],
            registry=registry,
        )
        for reason in get_args(CameraRefusal):
            self._refused.labels(reason)

    def looked_at(self, seconds: float) -> None:
        """Count a picture that was looked at, and how long that took."""
        self.frames_looked_at += 1
        self._frames.labels("looked_at").inc()
        self._frame_seconds.observe(seconds)

    def replaced(self) -> None:
        """Count a picture that waited until a newer one came."""
        self.frames_replaced += 1
        self._frames.labels("replaced").inc()

    def refused(self, reason: CameraRefusal) -> None:
        """Count a camera that is not looked at, or not any more."""
        self._refused.labels(reason).inc()
