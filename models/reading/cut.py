"""A lesson's segments by the model that comes with Lectern."""

from __future__ import annotations

from collections.abc import Sequence

from features.reading.material import Material
from features.reading.parts import PlanItem
from models.reading.lesson_reading import ReadSegment
from models.reading.segments import UNTITLED
from models.segments.interface import Segment
from models.segments.segmenter import Segmenter


class ModelSegments:
    """Cuts lessons by a segmenter; a segment that it has no title for is called by the plan.

    Args:
        segmenter: of `models.segments`.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    @property
    def models(self) -> dict[str, str]:
        """The segmenter's version, by its name."""
        return {self._segmenter.name: self._segmenter.version}

    def __call__(self, material: Material) -> Sequence[ReadSegment]:
        """Return the segments of a lesson; none where nothing was said."""
        if not material.utterances:
            return ()
        names = [one.name for one in material.people]
        found = self._segmenter.segments(material.utterances, names=names)
        return tuple(_segment(material, one) for one in found)


def _segment(material: Material, one: Segment) -> ReadSegment:
    return ReadSegment(
        segment_id=f"seg:{material.utterances[one.start].caption_id}",
        first=one.start,
        last=one.end - 1,
        start_ms=one.start_ms,
        end_ms=one.end_ms,
        title=title_of(one, material.plan),
        kind=one.kind,
        confidence=one.confidence,
        problem_id=one.problem_id,
    )


def title_of(segment: Segment, plan: Sequence[PlanItem]) -> str:
    """Return what a segment is called: by the model, else by the plan, which is in time."""
    return segment.title or _planned(plan, segment.start_ms) or UNTITLED


def _planned(plan: Sequence[PlanItem], at_ms: int) -> str | None:
    """Return the title of the plan's item that a moment lies in, if there is one."""
    begun = [item for item in plan if item.start_ms <= at_ms]
    item = begun[-1] if begun else None
    return item.title if item is not None and at_ms < (item.end_ms or at_ms + 1) else None
