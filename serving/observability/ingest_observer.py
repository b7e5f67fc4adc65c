"""What an ingest worker's captions are observed by: metrics and traces around what it works with.

The captioner, the places where captions go and the ledger are wrapped, so that live tracks know
nothing of metrics or traces.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from lessons.errors import LecternError, Unavailable
from lessons.events import CaptionFinal, EventDraft, PartialCaption
from lessons.store import Appended, Database, Ledger
from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.client import CaptionService
from serving.captioning.window_names import WindowName, class_of
from serving.live.live_lesson import LiveLesson
from serving.observability.caption_traces import CAPTION_SPAN, CaptionTraces
from serving.observability.ingest_metrics import DONE, IngestMetrics

TRANSCRIBE = "transcribe"
"""The span of a window as its worker sees it; the models process's spans are part of it."""


class IngestObserver:
    """Metrics and traces of one worker.

    Args:
        metrics: what is counted.
        traces: where spans go.
    """

    def __init__(self, metrics: IngestMetrics, traces: CaptionTraces) -> None:
        self.metrics = metrics
        self.traces = traces

    @classmethod
    def of_its_own(cls) -> IngestObserver:
        """Return one that nobody reads, for a worker inside another process."""
        return cls(IngestMetrics(CollectorRegistry()), CaptionTraces(None, "ingest"))


class ObservedCaptions:
    """A captioner as a live track asks it."""

    def __init__(self, captions: CaptionService, observer: IngestObserver) -> None:
        self._captions = captions
        self._metrics = observer.metrics
        self._traces = observer.traces

    async def transcribe(self, window: CaptionWindow) -> Hypothesis:
        """Transcribe one window; raises what the captioner raises."""
        kind, audio_seconds = class_of(window), len(window.samples) / SAMPLE_RATE
        began, started, outcome = time.time(), time.perf_counter(), "cancelled"
        try:
            hypothesis = await self._captions.transcribe(window)
            outcome = DONE
        except LecternError as error:
            outcome = error.code
            raise
        finally:
            seconds = time.perf_counter() - started
            self._metrics.windows.labels(kind, outcome).inc()
            self._trace(window, began, seconds, outcome)
        self._metrics.window_seconds.labels(kind).observe(seconds)
        if audio_seconds > 0:
            self._metrics.real_time_factor.labels(kind).observe(seconds / audio_seconds)
        return hypothesis

    def _trace(self, window: CaptionWindow, began: float, seconds: float, outcome: str) -> None:
        if self._traces.on and (name := WindowName.read(window.id)) is not None:
            self._traces.record(
                name.caption_id,
                TRANSCRIBE,
                began,
                began + seconds,
                key=window.id,
                attributes={
                    "lectern.window": name.kind,
                    "lectern.audio_seconds": name.samples / SAMPLE_RATE,
                    "lectern.outcome": outcome,
                },
            )


class ObservedSink:
    """A lesson as a live track writes to it: how late each caption is."""

    def __init__(self, lesson: LiveLesson, observer: IngestObserver) -> None:
        self._lesson = lesson
        self._metrics = observer.metrics
        self._traces = observer.traces

    async def partial(self, caption: PartialCaption) -> None:
        """Pass a partial by."""
        late_ms = self._lesson.clock.now_ms() - caption.end_ms
        self._metrics.word_to_partial.observe(max(0.0, late_ms / 1000))
        await self._lesson.partial(caption)

    def record(self, draft: EventDraft) -> None:
        """Take an event; of a final, see how late it is and close the caption's root span."""
        self._lesson.record(draft)
        data = draft.data
        if not isinstance(data, CaptionFinal) or data.finalised_at_ms is None:
            return
        late_seconds = max(0.0, (data.finalised_at_ms - data.speech_end_ms) / 1000)
        exemplar = (
            {"trace_id": CaptionTraces.trace_id(data.caption_id)} if self._traces.on else None
        )
        self._metrics.speech_end_to_final.observe(late_seconds, exemplar)
        began = self._unix(data.start_ms)
        self._traces.record(
            data.caption_id,
            CAPTION_SPAN,
            began,
            self._unix(data.finalised_at_ms),
            attributes={"lectern.lesson_id": self._lesson.lesson.id, "lectern.engine": data.engine},
        )
        self._traces.record(data.caption_id, "speech", began, self._unix(data.speech_end_ms))

    def _unix(self, lesson_ms: float) -> float:
        started_at = self._lesson.lesson.started_at
        return (started_at.timestamp() if started_at else 0.0) + lesson_ms / 1000


class ObservedLedger(Ledger):
    """A ledger as a lesson's writer appends to it."""

    def __init__(self, database: Database, observer: IngestObserver) -> None:
        super().__init__(database)
        self._metrics = observer.metrics
        self._traces = observer.traces

    async def append_each(
        self, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
    ) -> list[Appended | LecternError]:
        """Append as the ledger does, and see how long that takes and what it refuses."""
        began, started, told = time.time(), time.perf_counter(), "error"
        try:
            outcomes = await super().append_each(tenant_id, lesson_id, drafts)
            told = "stored"
        except Unavailable:
            told = "waiting"
            raise
        finally:
            seconds = time.perf_counter() - started
            self._metrics.append_seconds.labels(told).observe(seconds)
        for draft, outcome in zip(drafts, outcomes, strict=True):
            refused = isinstance(outcome, LecternError)
            self._metrics.appended.labels("refused" if refused else "stored").inc()
            if isinstance(draft.data, CaptionFinal):
                self._traces.record(
                    draft.data.caption_id,
                    "ledger append",
                    began,
                    began + seconds,
                    attributes={"lectern.events": len(drafts)},
                )
        return outcomes
