"""The last span of a caption that the gateway sees: from reading it to having sent it."""

from __future__ import annotations

import time

from lessons.events import CaptionFinal
from serving.observability.caption_traces import CaptionTraces
from serving.web.stream_messages import Batch

DELIVER = "deliver"


def trace_deliveries(traces: CaptionTraces, sent: Batch) -> None:
    """Record the finals of a batch that has just been sent, each for its first reader only."""
    if not traces.on:
        return
    now = time.time()
    for message in sent.messages:
        data = message.event.data if message.event is not None else None
        if isinstance(data, CaptionFinal) and traces.first_delivery(data.caption_id):
            traces.record(data.caption_id, DELIVER, message.read_at, now)
