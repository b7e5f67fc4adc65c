"""What an ingest worker counts and traces of the captions of a scripted lesson."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from prometheus_client import CollectorRegistry

from lessons.errors import Unavailable
from lessons.events import EventDraft
from lessons.identifiers import new_id, number_of
from lessons.roles import Role
from lessons.store import Database, LessonStore
from media_ingest.counters import TrackCounters
from models.captions.interface import CaptionWindow, Hypothesis
from serving.live.live_lesson import LiveLesson
from serving.observability.caption_traces import CaptionTraces, open_traces
from serving.observability.ingest_metrics import IngestMetrics, TrackTotals
from serving.observability.ingest_observer import (
    IngestObserver,
    ObservedCaptions,
    ObservedLedger,
    ObservedSink,
)
from serving.settings import Settings
from tests.golden.scripted_lesson import ScriptedCaptions, ScriptedLesson
from tests.span_collector import span_collector


def observer() -> IngestObserver:
    return IngestObserver(IngestMetrics(CollectorRegistry()), CaptionTraces(None, "ingest"))


def windows(seen: IngestObserver, kind: str, outcome: str) -> float | None:
    labels = {"window": kind, "outcome": outcome}
    return seen.metrics.registry.get_sample_value("lectern_caption_windows_total", labels)


async def test_windows_are_counted_by_class_and_by_outcome() -> None:
    class AwayAtFirst(ScriptedCaptions):
        async def transcribe(self, window: CaptionWindow) -> Hypothesis:
            if self.away:
                self.away = False
                raise Unavailable("The models are away.")
            return await super().transcribe(window)

    seen = observer()
    captions = ObservedCaptions(AwayAtFirst(away=True), seen)
    lesson = ScriptedLesson(cast(ScriptedCaptions, captions))
    await lesson.say(2)
    await lesson.pause(900)
    await lesson.say(9)
    await lesson.end()
    assert len(lesson.notes.finals) == 2
    assert windows(seen, "speculative", "unavailable") == 1
    assert windows(seen, "final", "done") == 2
    assert (windows(seen, "partial", "done") or 0) >= 2


async def test_lateness_is_measured_on_the_lesson_clock_and_the_trace_is_the_captions_own(
    database: Database, tenant_id: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = LessonStore(database)
    lesson = await store.create_lesson(tenant_id, title="Fractions")
    lesson = await store.start_lesson(tenant_id, lesson.id)
    with span_collector() as collector:
        settings = Settings(data_dir=tmp_path_factory.mktemp("data"), otlp_endpoint=collector.url)
        traces = open_traces(settings, "ingest-7")
        seen = IngestObserver(IngestMetrics(CollectorRegistry()), traces)
        drafts: list[EventDraft] = []
        live = cast(LiveLesson, SimpleNamespace(lesson=lesson, record=drafts.append))
        sink = ObservedSink(live, seen)
        scripted = ScriptedLesson(
            cast(ScriptedCaptions, ObservedCaptions(ScriptedCaptions(), seen))
        )
        await scripted.say(4)
        await scripted.pause(900)
        await scripted.end()
        (draft,) = scripted.notes.drafts
        sink.record(draft)
        ada = await store.add_participant(tenant_id, lesson.id, "Ada", Role.LEARNER)
        spoken = replace(draft, subject=ada.id)
        await ObservedLedger(database, seen).append_each(tenant_id, lesson.id, [spoken])
        traces.close()
    (final,) = scripted.notes.finals
    assert drafts == [draft]
    assert final.finalised_at_ms is not None
    late = (final.finalised_at_ms - final.speech_end_ms) / 1000
    registry = seen.metrics.registry
    name = "lectern_caption_speech_end_to_final_seconds"
    assert registry.get_sample_value(f"{name}_sum") == pytest.approx(late)
    assert {one.trace for one in collector.spans} == {f"{number_of(final.caption_id):032x}"}
    assert {one.process for one in collector.spans} == {"ingest-7"}
    by_name = {one.span.name: one for one in collector.spans}
    assert set(by_name) == {"caption", "speech", "transcribe", "ledger append"}
    root = by_name.pop("caption")
    assert root.parent == ""
    assert {one.parent for one in by_name.values()} == {root.id}
    assert lesson.started_at is not None
    began = lesson.started_at + timedelta(milliseconds=final.start_ms)
    assert datetime.fromtimestamp(root.span.start_time_unix_nano / 1e9, UTC) == pytest.approx(
        began, abs=timedelta(milliseconds=1)
    )
    stored = {"outcome": "stored"}
    assert registry.get_sample_value("lectern_ledger_events_total", stored) == 1


async def test_a_final_that_waits_for_postgresql_is_counted_as_waiting(tenant_id: str) -> None:
    seen = observer()
    away = Database("postgresql://nobody@127.0.0.1:9/none")
    drafts = (await _one_final()).notes.drafts
    with pytest.raises(Unavailable):
        await ObservedLedger(away, seen).append_each(tenant_id, new_id("les"), drafts)
    await away.dispose()
    labels = {"outcome": "waiting"}
    name = "lectern_ledger_append_seconds_count"
    assert seen.metrics.registry.get_sample_value(name, labels) == 1


def test_totals_never_fall_when_peers_leave() -> None:
    totals = TrackTotals()
    first, second = TrackCounters(gaps_cut=2), TrackCounters(gaps_cut=1)
    totals.media_began("one", first)
    totals.media_began("two", second)
    first.gaps_cut += 3
    assert _media(totals, "gaps_cut") == 6
    totals.media_ended("one")
    assert _media(totals, "gaps_cut") == 6
    second.gaps_cut += 1
    totals.media_ended("two")
    totals.media_ended("two")
    assert _media(totals, "gaps_cut") == 7


def _media(totals: TrackTotals, kind: str) -> float:
    registry = CollectorRegistry()
    registry.register(totals)
    return registry.get_sample_value("lectern_media_lost_total", {"kind": kind}) or 0.0


async def _one_final() -> ScriptedLesson:
    lesson = ScriptedLesson()
    await lesson.say(3)
    await lesson.end()
    return lesson
