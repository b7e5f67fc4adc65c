"""The plan as it was carried out, what was marked as covered, and the homework that was set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from features.reading.parts import HomeworkItem, MarkedObjective, PlanItem
from lessons.events import (
    HomeworkAssigned,
    LearningEvent,
    LessonPlanItemCompleted,
    LessonPlanItemStarted,
    ObjectiveCovered,
)


def plan_of(events: Iterable[LearningEvent]) -> tuple[PlanItem, ...]:
    """Return the items that were taken up, in time; each ends where it was left or the next begins.

    An item that was only left behind, as skipped or put off, was taken up for no time.

    Args:
        events: in the order of the ledger.
    """
    items: dict[str, PlanItem] = {}
    left: dict[str, LearningEvent] = {}
    for event in events:
        data = event.data
        if isinstance(data, LessonPlanItemStarted):
            items.setdefault(data.item_id, _begun(data, event))
        elif isinstance(data, LessonPlanItemCompleted):
            left[data.item_id] = event
    ordered = sorted(items.values(), key=lambda one: (one.start_ms, one.item_id))
    nexts = [*(one.start_ms for one in ordered[1:]), None][: len(ordered)]
    return tuple(
        _ended(item, left.get(item.item_id), until)
        for item, until in zip(ordered, nexts, strict=True)
    )


def marked_of(events: Iterable[LearningEvent]) -> tuple[MarkedObjective, ...]:
    """Return what those who teach marked as covered, in time."""
    found = [
        MarkedObjective(
            event_id=event.id,
            objective_id=event.data.objective_id,
            how=event.data.how,
            participant_ids=_tuple(event.data.participant_ids),
            note=event.data.note,
            at_ms=event.lessontimems,
        )
        for event in events
        if isinstance(event.data, ObjectiveCovered)
    ]
    return tuple(sorted(found, key=lambda one: one.at_ms))


def homework_of(events: Iterable[LearningEvent]) -> tuple[HomeworkItem, ...]:
    """Return the homework, in time; of one that was set twice the newer word holds.

    Args:
        events: in the order of the ledger.
    """
    found = {
        event.data.homework_id: HomeworkItem(
            event_id=event.id,
            homework_id=event.data.homework_id,
            title=event.data.title,
            instructions=event.data.instructions,
            objective_ids=tuple(event.data.objective_ids),
            participant_ids=_tuple(event.data.participant_ids),
            due_at=event.data.due_at,
            at_ms=event.lessontimems,
        )
        for event in events
        if isinstance(event.data, HomeworkAssigned)
    }
    return tuple(sorted(found.values(), key=lambda one: (one.at_ms, one.homework_id)))


def _begun(data: LessonPlanItemStarted, event: LearningEvent) -> PlanItem:
    return PlanItem(
        event_ids=(event.id,),
        item_id=data.item_id,
        title=data.title,
        objective_ids=tuple(data.objective_ids),
        start_ms=event.lessontimems,
        end_ms=None,
        outcome=None,
    )


def _ended(item: PlanItem, left: LearningEvent | None, until_ms: int | None) -> PlanItem:
    if left is None or not isinstance(left.data, LessonPlanItemCompleted):
        return replace(item, end_ms=until_ms)
    end_ms = max(left.lessontimems, item.start_ms)
    return replace(
        item,
        event_ids=(*item.event_ids, left.id),
        end_ms=end_ms if until_ms is None else min(end_ms, until_ms),
        outcome=left.data.outcome,
    )


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
