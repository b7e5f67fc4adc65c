"""Traces of captions, from the first sound of an utterance to the readers' streams.

A caption's id is a ULID, 128 bits that no other caption has, and they are its trace id (W3C Trace
Context, section 3.2.2.3). So every process that touches a caption knows its trace by the id alone:
nothing is carried beside windows and events, nothing is stored, and a final that is read again next
year still leads to its trace. Span ids are made of the caption's id and the span's name in the same
way, so a span's parent may be recorded by another process.

Spans are recorded once they are over, with the times of this machine's clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from cachetools import LRUCache
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, TraceFlags

from lessons.identifiers import number_of
from serving.settings import Settings

Attribute = str | int | float | bool

CAPTION_SPAN = "caption"
"""The root: from the first sound to the final's being handed to the ledger."""

SCOPE = InstrumentationScope("lectern.captions")
EXPORT_TIMEOUT_SECONDS = 2
KNOWN_DELIVERIES = 4096
_ON_SCREEN = "on screen"
SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class CaptionTraces:
    """Records spans of captions; does nothing where nobody collects them.

    Args:
        processor: takes the spans; None switches tracing off.
        process: which process records, such as `ingest-1`.
    """

    def __init__(self, processor: SpanProcessor | None, process: str) -> None:
        self._processor = processor
        self._resource = Resource.create({SERVICE_NAME: "lectern", SERVICE_INSTANCE_ID: process})
        self._delivered: LRUCache[str, str] = LRUCache(KNOWN_DELIVERIES)

    @property
    def on(self) -> bool:
        """Whether anybody collects."""
        return self._processor is not None

    @staticmethod
    def trace_id(caption_id: str) -> str:
        """Return the trace of a caption as it is written, 32 hexadecimal digits.

        Raises:
            ValueError: it is no id of a caption.
        """
        return f"{number_of(caption_id):032x}"

    def record(
        self,
        caption_id: str,
        name: str,
        start: float,
        end: float,
        *,
        key: str = "",
        parent: str = CAPTION_SPAN,
        attributes: Mapping[str, Attribute] | None = None,
    ) -> None:
        """Record one span.

        Args:
            caption_id: whose trace; of what is no id of ours nothing is recorded.
            name: what was done.
            start, end: Unix time in seconds.
            key: tells spans of one name apart, such as a window's id.
            parent: the name of the span that this one is part of, with its key appended.
            attributes: counts and kinds; never anything that somebody said.
        """
        if self._processor is None:
            return
        try:
            trace_id = number_of(caption_id)
        except ValueError:
            return
        root = name == CAPTION_SPAN
        span = ReadableSpan(
            name,
            context=_context(trace_id, name + key),
            parent=None if root else _context(trace_id, parent),
            resource=self._resource,
            attributes={"lectern.caption_id": caption_id, **(attributes or {})},
            start_time=round(start * 1e9),
            end_time=round(max(start, end) * 1e9),
            instrumentation_scope=SCOPE,
        )
        self._processor.on_end(span)

    def close(self) -> None:
        """Send what waits, in bounded time."""
        if self._processor is not None:
            self._processor.shutdown()

    def first_delivery(self, caption_id: str, lesson_id: str) -> bool:
        """Whether this is the first reader of this process who gets a caption: the one traced."""
        if not self.on or caption_id in self._delivered:
            return False
        self._delivered[caption_id] = lesson_id
        return True

    def first_screen(self, caption_id: str, lesson_id: str) -> bool:
        """Whether this is the first screen to report a caption that this process delivered.

        Of any other caption nothing is believed: readers report what they like.
        """
        if self._delivered.get(caption_id) != lesson_id:
            return False
        self._delivered[caption_id] = _ON_SCREEN
        return True


def open_traces(settings: Settings, process: str) -> CaptionTraces:
    """Return traces that go to the collector in the settings; close them at the end."""
    if settings.otlp_endpoint is None:
        return CaptionTraces(None, process)
    # It brings an HTTP library of its own, which nobody else needs.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    endpoint = settings.otlp_endpoint.rstrip("/") + "/v1/traces"
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_TIMEOUT_SECONDS)
    return CaptionTraces(BatchSpanProcessor(exporter), process)


def _context(trace_id: int, name: str) -> SpanContext:
    """Return the context of the span with this name; of another trace it would have another id."""
    digest = hashlib.sha256(trace_id.to_bytes(16, "big") + name.encode()).digest()
    span_id = int.from_bytes(digest[:8], "big") or 1
    return SpanContext(trace_id, span_id, is_remote=False, trace_flags=SAMPLED)
