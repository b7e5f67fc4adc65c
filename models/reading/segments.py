"""A lesson's segments by its plan, where no model of segments reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from features.reading.material import Material
from features.reading.parts import PlanItem
from lessons.summary import SegmentKind
from models.reading.lesson_reading import ReadSegment

UNTITLED = "The lesson"
PLANNED = 0.5
"""Confidence of a segment by the plan: a platform said when it began, nobody that it was taught."""

SegmentReader = Callable[[Material], Sequence[ReadSegment]]
"""Cuts a lesson into segments."""


def segments_by_plan(material: Material) -> tuple[ReadSegment, ...]:
    """Return the segments between the beginnings of the plan's items; one, where there is no plan.

    A segment that nothing was said in is left out.
    """
    said = material.utterances
    if not said:
        return ()
    begins = [item for item in material.plan if item.start_ms <= said[-1].end_ms]
    groups: dict[int, list[int]] = {}
    for row, one in enumerate(said):
        current = sum(item.start_ms <= one.start_ms for item in begins) - 1
        groups.setdefault(current, []).append(row)
    return tuple(
        _segment(material, begins[number] if number >= 0 else None, rows)
        for number, rows in sorted(groups.items())
    )


def with_objectives(
    segments: Sequence[ReadSegment], of_row: Sequence[str | None]
) -> tuple[ReadSegment, ...]:
    """Return the segments with the objectives that their utterances are about, most told first."""
    return tuple(_with_objectives(one, of_row) for one in segments)


def _with_objectives(segment: ReadSegment, of_row: Sequence[str | None]) -> ReadSegment:
    about = [one for one in of_row[segment.first : segment.last + 1] if one is not None]
    told = tuple(one for one, _ in Counter(about).most_common())
    return ReadSegment(
        segment_id=segment.segment_id,
        first=segment.first,
        last=segment.last,
        start_ms=segment.start_ms,
        end_ms=segment.end_ms,
        title=segment.title,
        kind=segment.kind,
        confidence=segment.confidence,
        problem_id=segment.problem_id,
        objective_ids=told,
    )


def _segment(material: Material, item: PlanItem | None, rows: Sequence[int]) -> ReadSegment:
    said = material.utterances[rows[0] : rows[-1] + 1]
    start_ms, end_ms = said[0].start_ms, max(one.end_ms for one in said)
    return ReadSegment(
        segment_id=f"seg:{said[0].caption_id}",
        first=rows[0],
        last=rows[-1],
        start_ms=start_ms,
        end_ms=end_ms,
        title=item.title if item is not None else UNTITLED,
        kind=_kind(material, item, start_ms, end_ms),
        confidence=PLANNED,
    )


def _kind(material: Material, item: PlanItem | None, start_ms: int, end_ms: int) -> SegmentKind:
    if any(start_ms <= one.at_ms <= end_ms for one in material.answers):
        return "practice"
    return "other" if item is None else "instruction"
