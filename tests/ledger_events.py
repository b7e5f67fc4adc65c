"""Learning events as a ledger would give them back, for what is pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from lessons.events import EVENT_TYPES, EventData, EventDraft, LearningEvent

BEGAN = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LESSON_ID = "les"

Told = tuple[str | None, int, EventData]
"""Whose doing it is, when on the lesson clock, and what."""


def event(
    who: str | None, at_ms: int, data: EventData, number: int, event_id: str | None = None
) -> LearningEvent:
    """Return one event of a lesson; `number` is its place in the ledger."""
    return EVENT_TYPES[data.type].model_validate(
        {
            "id": event_id or f"event-{number}",
            "source": f"urn:lectern:lesson:{LESSON_ID}",
            "type": data.type,
            "subject": who,
            "time": BEGAN + timedelta(milliseconds=at_ms),
            "dataschema": data.data_schema(),
            "tenantid": "ten",
            "lessonid": LESSON_ID,
            "lessontimems": at_ms,
            "ledgersequence": number,
            "data": data,
        }
    )


def ledger_of(things: Iterable[Told]) -> list[LearningEvent]:
    """Return the events of a ledger, numbered in their order; each is called by its number."""
    return [event(*thing, number) for number, thing in zip(count(1), things)]


def appended(draft: EventDraft, number: int) -> LearningEvent:
    """Return a draft as it stands in the ledger."""
    return event(draft.subject, draft.lesson_time_ms or 0, draft.data, number, draft.id)
