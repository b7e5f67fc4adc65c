"""Measures one track's captions on their way to readers, and raises its alarms.

It stands between the track and the lesson and passes everything on. What it measures goes into the
ledger as counts; see `lessons/accessibility` for the arithmetic.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from lessons.accessibility.alarm import Change, TargetWatch
from lessons.accessibility.histogram import histogram
from lessons.accessibility.words_on_show import WordsOnShow
from lessons.errors import Unavailable
from lessons.events import (
    CaptionFinal,
    CaptionsMeasured,
    CaptionsTargetMet,
    CaptionsTargetMissed,
    EventData,
    EventDraft,
    PartialCaption,
    SpeakingStopped,
)
from lessons.events.accessibility import Target
from lessons.tenants import CaptionTargets
from serving.live.caption_drafts import Speaker

logger = logging.getLogger(__name__)

SPAN_MS = 30_000
"""How much of the lesson one `captions.measured` tells of."""


class MeasuredSink(Protocol):
    """Where captions go once they were measured: a lesson."""

    async def partial(self, caption: PartialCaption) -> None:
        """Pass a partial by; it may be lost."""
        ...

    def record(self, draft: EventDraft) -> None:
        """Take responsibility for an event; it must not be lost."""
        ...


@dataclass(slots=True)
class Span:
    """What was measured since `start_ms` and is not in the ledger yet."""

    start_ms: int
    word_latencies_ms: list[float] = field(default_factory=list)
    words_final: int = 0
    words_erased: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was shown in it."""
        return not (self.words_final or self.words_erased)


class CaptionMeter:
    """Takes one track's captions for a lesson, and measures them.

    Args:
        speaker: whose track it is.
        sink: the lesson, which takes everything.
        now_ms: the lesson clock, in milliseconds.
        targets: how late captions may be.
    """

    def __init__(
        self,
        speaker: Speaker,
        sink: MeasuredSink,
        now_ms: Callable[[], float],
        targets: CaptionTargets,
    ) -> None:
        self.speaker = speaker
        self._sink = sink
        self._now_ms = now_ms
        self._on_show: dict[str, WordsOnShow] = {}
        self._last_shown = WordsOnShow()
        self._unheard_ms: deque[float] = deque()
        self._span = Span(round(now_ms()))
        self._finals = TargetWatch(targets.speech_end_to_final_ms)
        self._words = TargetWatch(targets.word_to_screen_ms)

    async def partial(self, caption: PartialCaption) -> None:
        """Pass a partial by, and note what it shows and what it takes back."""
        await self._sink.partial(caption)
        words = f"{caption.stable_text} {caption.unstable_text}".split()
        shown = self._on_show.get(caption.caption_id)
        if shown is None:
            shown = self._on_show[caption.caption_id] = WordsOnShow()
            moved = shown.go_on_from(self._last_shown, words)
            self._span.words_erased = max(0, self._span.words_erased - moved)
        self._span.words_erased += shown.show(words, self._now_ms())
        self._last_shown = shown
        if not words:
            del self._on_show[caption.caption_id]  # It was a noise, and no final follows.

    def record(self, draft: EventDraft) -> None:
        """Take an event for the ledger, and measure it if it is a final."""
        self._sink.record(draft)
        if isinstance(draft.data, SpeakingStopped):
            self._unheard_ms.append(draft.data.end_ms)
        elif isinstance(draft.data, CaptionFinal):
            self._measure(draft.data)

    def heard(self, speech_end_ms: float) -> None:
        """Note that speech up to here needs no more captions: it has them, or has no words."""
        while self._unheard_ms and self._unheard_ms[0] <= round(speech_end_ms):
            self._unheard_ms.popleft()

    def _measure(self, final: CaptionFinal) -> None:
        now_ms = self._now_ms()
        self.heard(final.speech_end_ms)
        shown = self._on_show.pop(final.caption_id, None) or WordsOnShow()
        self._span.words_erased += shown.show((word.text for word in final.words), now_ms)
        self._span.words_final += len(final.words)
        for word, since_ms in zip(final.words, shown.since_ms, strict=True):
            latency_ms = max(0.0, since_ms - word.end_ms)
            self._span.word_latencies_ms.append(latency_ms)
            self._words.measure(now_ms, latency_ms)
        if final.finalised_at_ms is not None:
            self._finals.measure(now_ms, final.finalised_at_ms - final.speech_end_ms)

    def tick(self) -> None:
        """Raise or end alarms, and write down a span that is over; call it about once a second."""
        now_ms = self._now_ms()
        waiting_since_ms = self._unheard_ms[0] if self._unheard_ms else None
        late = self._finals.judge(now_ms, waiting_since_ms)
        self._tell("speech_end_to_final", self._finals, late)
        self._tell("word_to_screen", self._words, self._words.judge(now_ms))
        if now_ms - self._span.start_ms >= SPAN_MS:
            self.write()

    def write(self) -> None:
        """Put what was measured into the ledger; the last of a track when it is over."""
        span, end_ms = self._span, round(self._now_ms())
        self._span = Span(end_ms)
        if span.is_empty:
            return
        data = CaptionsMeasured(
            track_id=self.speaker.track_id,
            start_ms=span.start_ms,
            end_ms=end_ms,
            word_to_publish=histogram(span.word_latencies_ms),
            words_final=span.words_final,
            words_erased=span.words_erased,
        )
        self._record(data)

    def _tell(self, target: Target, watch: TargetWatch, change: Change | None) -> None:
        if change is None:
            return
        told = {
            "track_id": self.speaker.track_id,
            "target": target,
            "target_ms": watch.target_ms,
            "measured_ms": change.measured_ms,
            "since_ms": change.since_ms,
        }
        if change.kind == "missed":
            missed = told | {"reason": change.reason}
            self._record(CaptionsTargetMissed.model_validate(missed))
        else:
            self._record(CaptionsTargetMet.model_validate(told | {"until_ms": change.until_ms}))

    def _record(self, data: EventData) -> None:
        draft = EventDraft(data, round(self._now_ms()), self.speaker.participant_id)
        try:
            self._sink.record(draft)
        except Unavailable as full:
            # Captions need the room that is left more than what was measured of them.
            logger.warning("track %s: %s is lost: %s", self.speaker.track_id, data.type, full)


class CaptionMeters:
    """The meters of one lesson's tracks, by the track's id."""

    def __init__(self) -> None:
        self._meters: dict[str, CaptionMeter] = {}

    def add(self, meter: CaptionMeter) -> None:
        """Begin to measure a track."""
        self._meters[meter.speaker.track_id] = meter

    def end(self, track_id: str) -> None:
        """Measure a track no more: it is over, or is captioned no more."""
        meter = self._meters.pop(track_id, None)
        if meter is not None:
            meter.write()

    def end_all(self) -> None:
        """Measure nothing more."""
        for track_id in list(self._meters):
            self.end(track_id)

    def tick(self) -> None:
        """Do what is due; call it about once a second."""
        for meter in self._meters.values():
            meter.tick()
