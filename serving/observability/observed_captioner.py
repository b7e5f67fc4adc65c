"""The captioner in Ray Serve as the models process calls it, with metrics and traces around it."""

from __future__ import annotations

import time

from lessons.errors import LecternError
from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.caption_load import CaptionLoad
from serving.captioning.captioner import ServedCaptions
from serving.captioning.window_names import WindowName, class_of
from serving.captioning.window_timing import WindowTiming
from serving.observability.caption_traces import CaptionTraces
from serving.observability.ingest_metrics import DONE
from serving.observability.ingest_observer import TRANSCRIBE
from serving.observability.models_metrics import ModelsMetrics

CAPTIONER = "captioner"
"""The span of a window in the models process, the way to the replica and back included."""


class ObservedCaptioner:
    """Windows go through to the captioner; what its replicas tell of their work is counted."""

    def __init__(
        self, captions: ServedCaptions, metrics: ModelsMetrics, traces: CaptionTraces
    ) -> None:
        self._captions = captions
        self._metrics = metrics
        self._traces = traces

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window; raises what the captioner raises."""
        began, outcome = time.time(), "cancelled"
        try:
            answer = await self._captions.answer(window)
            self._count(window, answer.timing)
            hypothesis = answer.hypothesis()
            outcome = DONE
        except LecternError as error:
            outcome = error.code
            raise
        finally:
            self._metrics.windows.labels(class_of(window), outcome).inc()
            self._trace(window, CAPTIONER, began, time.time(), TRANSCRIBE)
        return hypothesis

    async def load(self) -> CaptionLoad:
        """Return how loaded the captioner is with live lessons; raises what it raises."""
        return await self._captions.load()

    def _count(self, window: CaptionWindow, timing: WindowTiming) -> None:
        if not timing.batch_windows:
            return  # It was refused before it came to the engine.
        self._metrics.timed(class_of(window), len(window.samples) / SAMPLE_RATE, timing)
        taken_at = timing.queued_at + timing.queue_seconds
        self._trace(window, "queue", timing.queued_at, taken_at, CAPTIONER)
        self._trace(
            window,
            "engine",
            taken_at,
            taken_at + timing.engine_seconds,
            CAPTIONER,
            {"lectern.batch_windows": timing.batch_windows, "lectern.replica": timing.replica},
        )

    def _trace(
        self,
        window: CaptionWindow,
        name: str,
        start: float,
        end: float,
        parent: str,
        attributes: dict[str, str | int] | None = None,
    ) -> None:
        if self._traces.on and (live := WindowName.read(window.id)) is not None:
            self._traces.record(
                live.caption_id,
                name,
                start,
                end,
                key=window.id,
                parent=parent + window.id,
                attributes={"lectern.window": live.kind, **(attributes or {})},
            )
