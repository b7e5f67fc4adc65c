"""The accessibility record of a lesson: everything that its events tell of how captions served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

from lessons.accessibility.accuracy import SampledAccuracy, sampled_accuracy
from lessons.accessibility.histogram import BUCKETS, added, histogram_quantile, quantile
from lessons.accessibility.outages import Outage, Outages, time_outside_ms
from lessons.accessibility.reading import ReadingRate, reading_rate
from lessons.captions import CAPTION_TYPES, Caption, captions_of, shown
from lessons.events import (
    CaptionFinal,
    CaptionsDisplayed,
    CaptionsMeasured,
    CaptionsTargetMet,
    CaptionsTargetMissed,
    LearningEvent,
    TrackEnded,
)
from lessons.roles import Role
from lessons.takeovers import HUMAN, Takeovers

MINUTE_MS = 60_000

RECORD_TYPES = (
    *CAPTION_TYPES,
    CaptionsMeasured.type,
    CaptionsDisplayed.type,
    CaptionsTargetMissed.type,
    CaptionsTargetMet.type,
    TrackEnded.type,
)
"""The types of events that the record is made of."""


class Latency(BaseModel):
    """Quantiles of latencies, in milliseconds; null where nothing was measured.

    Those of words are ends of histogram buckets: the quantile is at most that.
    """

    model_config = ConfigDict(frozen=True)

    count: int
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None


class Flicker(BaseModel):
    """Words that readers saw and that were taken back or changed, over the words of the finals."""

    model_config = ConfigDict(frozen=True)

    words_final: int
    words_erased: int
    normalised_erasure: float | None = Field(description="0: nothing shown ever changed")


class SpeakerConfidence(BaseModel):
    """How sure the engine was of one speaker's words; `mean` is weighted by their number."""

    model_config = ConfigDict(frozen=True)

    participant_id: str
    name: str
    role: Role
    captions: int
    words: int
    mean: float | None


class Minute(BaseModel):
    """How late the finals of one minute of the lesson were."""

    model_config = ConfigDict(frozen=True)

    start_ms: int
    finals: int
    p50_ms: int | None
    p95_ms: int | None


class TakeoverSpan(BaseModel):
    """A span in which a person captioned by hand; `end_ms` is null while it lasts."""

    model_config = ConfigDict(frozen=True)

    participant_id: str
    name: str
    start_ms: int
    end_ms: int | None


class AccessibilityRecord(BaseModel):
    """How a lesson's captions served, until `until_ms` on the lesson clock."""

    model_config = ConfigDict(frozen=True)

    until_ms: int
    speech_end_to_final: Latency = Field(description="Of the engine's live finals, each by itself")
    word_to_publish: Latency = Field(description="As measured where captions are made")
    word_to_screen: Latency = Field(description="As viewers' pages report it")
    screen_reports: int = Field(description="How many reports of pages are in word_to_screen")
    clock_uncertainty_ms: int | None = Field(
        description="How far a reporting page's clock may have been off"
    )
    flicker: Flicker
    reading_rate: ReadingRate
    confidence: list[SpeakerConfidence]
    sampled_accuracy: SampledAccuracy
    outages: list[Outage]
    time_outside_ms: int = Field(description="Time in which at least one target was missed")
    takeovers: list[TakeoverSpan]
    typed_captions: int = Field(description="How many captions a person typed")
    minutes: list[Minute]


def record_of(
    events: Sequence[LearningEvent], now_ms: int, sees: Callable[[str], bool] = lambda _: True
) -> AccessibilityRecord:
    """Return the record that a lesson's events make.

    Args:
        events: those of `RECORD_TYPES`, in ledger order.
        now_ms: the lesson clock, or the lesson's length once it is over.
        sees: whether the reader may see what is about this participant.
    """
    finals = [event.data for event in events if isinstance(event.data, CaptionFinal)]
    heard = [final for final in finals if final.engine != HUMAN]
    captions = captions_of(events)
    outages = Outages()
    for event in events:
        outages.follow(event)
    return AccessibilityRecord(
        until_ms=now_ms,
        speech_end_to_final=_latency([value for _, value in _latencies(heard)]),
        **_measured(events),
        reading_rate=reading_rate(shown(captions)),
        confidence=_confidence([one for one in heard if sees(one.participant_id)]),
        sampled_accuracy=sampled_accuracy(_corrected(heard, captions)),
        outages=[one for one in outages.all if sees(one.participant_id)],
        time_outside_ms=time_outside_ms(outages.all, now_ms),
        takeovers=_takeovers(events),
        typed_captions=len(finals) - len(heard),
        minutes=_minutes(heard),
    )


def _latencies(finals: Iterable[CaptionFinal]) -> list[tuple[int, int]]:
    """Return when each live final's speech ended, and how long after that it came."""
    return [
        (final.speech_end_ms, max(0, final.finalised_at_ms - final.speech_end_ms))
        for final in finals
        if final.finalised_at_ms is not None
    ]


def _latency(values: Sequence[int]) -> Latency:
    p50, p95, p99 = (quantile(values, share) for share in (0.5, 0.95, 0.99))
    return Latency(count=len(values), p50_ms=_whole(p50), p95_ms=_whole(p95), p99_ms=_whole(p99))


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _measured(events: Iterable[LearningEvent]) -> dict[str, object]:
    """Return what stands in the events that were measured as counts."""
    published, painted = [0] * BUCKETS, [0] * BUCKETS
    words = erased = reports = 0
    uncertainty: int | None = None
    for event in events:
        data = event.data
        if isinstance(data, CaptionsMeasured):
            published = added(published, data.word_to_publish)
            words += data.words_final
            erased += data.words_erased
        elif isinstance(data, CaptionsDisplayed):
            painted = added(painted, data.word_to_screen)
            reports += data.reports
            uncertainty = max(uncertainty or 0, data.clock_uncertainty_ms)
    return {
        "word_to_publish": _counted(published),
        "word_to_screen": _counted(painted),
        "screen_reports": reports,
        "clock_uncertainty_ms": uncertainty,
        "flicker": Flicker(
            words_final=words,
            words_erased=erased,
            normalised_erasure=round(erased / words, 3) if words else None,
        ),
    }


def _counted(counts: Sequence[int]) -> Latency:
    p50, p95, p99 = (histogram_quantile(counts, share) for share in (0.5, 0.95, 0.99))
    return Latency(count=sum(counts), p50_ms=p50, p95_ms=p95, p99_ms=p99)


def _confidence(finals: Iterable[CaptionFinal]) -> list[SpeakerConfidence]:
    by_speaker: defaultdict[str, list[CaptionFinal]] = defaultdict(list)
    for final in finals:
        by_speaker[final.participant_id].append(final)
    return [_confidence_of(said) for said in by_speaker.values()]


def _confidence_of(finals: Sequence[CaptionFinal]) -> SpeakerConfidence:
    known = [
        (len(final.text.split()), final.confidence)
        for final in finals
        if final.confidence is not None
    ]
    words = sum(count for count, _ in known)
    total = sum(count * confidence for count, confidence in known)
    return SpeakerConfidence(
        participant_id=finals[-1].participant_id,
        name=finals[-1].participant_name,
        role=finals[-1].role,
        captions=len(finals),
        words=words,
        mean=round(total / words, 3) if words else None,
    )


def _corrected(heard: Iterable[CaptionFinal], captions: Iterable[Caption]) -> list[tuple[str, str]]:
    """Return corrected text and engine's text of every caption that somebody corrected."""
    newest = {one.caption_id: one for one in captions if one.corrected_by is not None}
    return [
        (newest[final.caption_id].text, final.text) for final in heard if final.caption_id in newest
    ]


def _takeovers(events: Iterable[LearningEvent]) -> list[TakeoverSpan]:
    return [
        TakeoverSpan(
            participant_id=span.participant_id,
            name=span.name,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
        )
        for span in Takeovers(events).spans
    ]


def _minutes(finals: Iterable[CaptionFinal]) -> list[Minute]:
    by_minute: defaultdict[int, list[int]] = defaultdict(list)
    for speech_end_ms, latency in _latencies(finals):
        by_minute[speech_end_ms // MINUTE_MS * MINUTE_MS].append(latency)
    return [
        Minute(
            start_ms=start_ms,
            finals=len(latencies),
            p50_ms=_whole(quantile(latencies, 0.5)),
            p95_ms=_whole(quantile(latencies, 0.95)),
        )
        for start_ms, latencies in sorted(by_minute.items())
    ]
