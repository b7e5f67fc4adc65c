"""The last spans of a caption: sent by the gateway, and painted on a reader's screen."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from lessons.events import CaptionFinal
from serving.observability.caption_traces import CaptionTraces
from serving.web.stream_messages import Batch

DELIVER = "deliver"
SCREEN = "screen"


class OnScreen(NamedTuple):
    """A final on one reader's page, on the lesson clock in milliseconds."""

    caption_id: str
    received_ms: int
    painted_ms: int


def trace_deliveries(traces: CaptionTraces, sent: Batch) -> None:
    """Record the finals of a batch that has just been sent, each for its first reader only."""
    if not traces.on:
        return
    now = time.time()
    for message in sent.messages:
        event = message.event
        if event is None or not isinstance(event.data, CaptionFinal):
            continue
        caption_id = event.data.caption_id
        if traces.first_delivery(caption_id, event.lessonid):
            traces.record(caption_id, DELIVER, message.read_at, now)


def trace_screens(
    traces: CaptionTraces,
    lesson_id: str,
    started_at: datetime,
    captions: Iterable[OnScreen],
    clock_uncertainty_ms: int,
) -> None:
    """Record when finals that were delivered here stood on a screen, each for the first that tells.

    Args:
        started_at: the zero of the lesson clock.
        clock_uncertainty_ms: how far the page's lesson clock may be off.
    """
    zero, now = started_at.timestamp(), time.time()
    for one in captions:
        if traces.first_screen(one.caption_id, lesson_id):
            begin = min(zero + one.received_ms / 1000, now)
            end = min(zero + one.painted_ms / 1000, now)
            uncertainty = {"lectern.clock_uncertainty_ms": clock_uncertainty_ms}
            traces.record(one.caption_id, SCREEN, begin, end, attributes=uncertainty)
