"""The last spans of a caption: of the first reader, and of the first screen that tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lessons.events import EVENT_TYPES, LearningEvent, lesson_source
from lessons.identifiers import new_id, number_of
from serving.observability.caption_traces import CaptionTraces
from serving.observability.deliveries import OnScreen, trace_deliveries, trace_screens
from serving.web.stream_messages import Batch, stored_message
from tests.unit.integrations.captions.spoken import final

BEGAN = datetime.now(UTC) - timedelta(minutes=1)
ZERO = BEGAN.timestamp()


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(exporter: InMemorySpanExporter) -> CaptionTraces:
    return CaptionTraces(SimpleSpanProcessor(exporter), "gateway")


def delivered(caption_id: str, lesson_id: str) -> Batch:
    event: LearningEvent = EVENT_TYPES["caption.final"].model_validate(
        {
            "id": caption_id,
            "source": lesson_source(lesson_id),
            "type": "caption.final",
            "time": BEGAN,
            "tenantid": "ten_1",
            "lessonid": lesson_id,
            "lessontimems": 0,
            "ledgersequence": 1,
            "data": final("three", 0, 900, caption_id=caption_id),
        }
    )
    return Batch([stored_message(event, (1,))])


def test_a_trace_ends_where_the_last_word_was_painted(
    traces: CaptionTraces, exporter: InMemorySpanExporter
) -> None:
    caption_id = new_id("cap")
    trace_deliveries(traces, delivered(caption_id, "les_1"))
    for painted_ms in (2_016, 9_000):
        trace_screens(traces, "les_1", BEGAN, [OnScreen(caption_id, 2_000, painted_ms)], 12)
    deliver, screen = exporter.get_finished_spans()
    assert (deliver.name, screen.name) == ("deliver", "screen")
    assert screen.context is not None
    assert screen.context.trace_id == number_of(caption_id)
    assert screen.start_time == pytest.approx((ZERO + 2.000) * 1e9, abs=1e6)
    assert screen.end_time == pytest.approx((ZERO + 2.016) * 1e9, abs=1e6)
    assert screen.attributes is not None
    assert screen.attributes["lectern.clock_uncertainty_ms"] == 12


def test_what_was_not_delivered_here_in_that_lesson_is_not_believed(
    traces: CaptionTraces, exporter: InMemorySpanExporter
) -> None:
    caption_id = new_id("cap")
    trace_deliveries(traces, delivered(caption_id, "les_1"))
    told = [OnScreen(caption_id, 0, 0), OnScreen(new_id("cap"), 0, 0), OnScreen("nonsense", 0, 0)]
    trace_screens(traces, "les_2", BEGAN, told, 12)
    assert [one.name for one in exporter.get_finished_spans()] == ["deliver"]


def test_nothing_is_painted_in_the_future(
    traces: CaptionTraces, exporter: InMemorySpanExporter
) -> None:
    caption_id = new_id("cap")
    trace_deliveries(traces, delivered(caption_id, "les_1"))
    trace_screens(traces, "les_1", BEGAN, [OnScreen(caption_id, 0, 10**9)], 12)
    screen = exporter.get_finished_spans()[1]
    assert screen.end_time is not None
    assert screen.end_time <= datetime.now(UTC).timestamp() * 1e9
