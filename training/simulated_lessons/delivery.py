"""How happenings reach Lectern: late, in bursts after an outage, by clocks that are off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from lessons.events import EVENT_TYPES, ActivityCounted, EventData, LearningEvent, lesson_source
from training.simulated_lessons.happenings import Happening
from training.simulated_lessons.learners import Equipment

BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DELAY_MS = (30, 900)
LOST = 0.01
"""Share of the browser's events that never come."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it comes in.

    Attributes:
        arrived_ms: when, on the true lesson clock.
        similarity: of a caption to the objective; None where there is none to know.
    """

    arrived_ms: int
    event: LearningEvent
    similarity: float | None


def deliver(
    lesson_id: str,
    happenings: Iterable[Happening],
    equipment: Mapping[str, Equipment],
    generator: np.random.Generator,
) -> list[Arrival]:
    """Return events in the order in which they come, with consecutive sequence numbers."""
    coming = list[tuple[int, Happening]]()
    for each in happenings:
        of_browser = equipment.get(each.subject or "") if each.of_browser else None
        if of_browser is None:
            coming.append((each.told_ms, each))
        elif generator.random() >= LOST:
            delayed = each.told_ms + int(generator.integers(*DELAY_MS))
            coming.append((_after_outage(delayed, of_browser), _skewed(each, of_browser.skew_ms)))
    coming.sort(key=lambda pair: pair[0])
    return [
        Arrival(arrived_ms, _event(lesson_id, number, arrived_ms, each), each.similarity)
        for number, (arrived_ms, each) in enumerate(coming, start=1)
    ]


def _after_outage(at_ms: int, equipment: Equipment) -> int:
    """Return when something sent at a moment comes: all at once when the network is back."""
    for start_ms, end_ms in equipment.offline_ms:
        if start_ms <= at_ms < end_ms:
            return end_ms + (at_ms - start_ms) // 100
    return at_ms


def _skewed(happening: Happening, skew_ms: int) -> Happening:
    if not skew_ms:
        return happening
    data: EventData = happening.data
    if isinstance(data, ActivityCounted):
        data = data.model_copy(update={"start_ms": max(0, data.start_ms + skew_ms)})
    told_ms = max(0, happening.told_ms + skew_ms)
    return Happening(told_ms, data, happening.subject, of_browser=True)


def _event(lesson_id: str, number: int, arrived_ms: int, each: Happening) -> LearningEvent:
    return EVENT_TYPES[each.data.type](
        id=f"simulated-{number}",
        source=lesson_source(lesson_id),
        type=each.data.type,
        subject=each.subject,
        time=BEGAN + timedelta(milliseconds=arrived_ms),
        dataschema=each.data.data_schema(),
        tenantid="simulated",
        lessonid=lesson_id,
        lessontimems=each.told_ms,
        ledgersequence=number,
        data=each.data,
    )
