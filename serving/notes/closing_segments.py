"""Segments while a lesson goes on: each is told once, when it is clear that it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from features.reading.material import Material
from features.reading.parts import Utterance
from lessons.events import EventDraft
from lessons.summary import SegmentSummary
from models.reading.cut import title_of
from models.segments.interface import Segment
from models.segments.segmenter import Segmenter
from models.segments.streaming import StreamingSegmenter
from serving.notes.drafts import segment_draft


class ClosingSegments:
    """The segments of one lesson.

    Args:
        segmenter: divides the lesson.
        names: of people, which make no title.
        told_until_ms: up to when the ledger has segments already, as after a restart. What was
            told stays as it is, though the lesson might be cut elsewhere by now, as where somebody
            took back consent: what lies before is not told again.
        material: returns what is known of the lesson's plan and answers.
    """

    def __init__(
        self,
        segmenter: Segmenter,
        names: Sequence[str],
        told_until_ms: int,
        material: Callable[[], Material],
    ) -> None:
        self._segmenter = segmenter
        self._streaming = StreamingSegmenter(segmenter, names=names)
        self._told_until_ms = told_until_ms
        self._material = material

    def know(self, names: Sequence[str]) -> None:
        """Take further names."""
        self._streaming.know(names)

    def hear(self, said: Utterance) -> EventDraft | None:
        """Take what was said; return the segment that it lets close, if one does."""
        segment = self._streaming.take(said)
        return None if segment is None else self._told(segment, said.end_ms)

    def finish(self, ended_ms: int) -> list[EventDraft]:
        """Return what is left once the lesson is over."""
        if not self._streaming.utterances:
            return []
        found = [self._told(segment, ended_ms) for segment in self._streaming.finish()]
        return [draft for draft in found if draft is not None]

    def _told(self, segment: Segment, known_ms: int) -> EventDraft | None:
        if segment.end_ms <= self._told_until_ms:
            return None
        note = self._note(segment)
        self._told_until_ms = note.end_ms
        return segment_draft(note, known_ms, self._segmenter.name, self._segmenter.version)

    def _note(self, segment: Segment) -> SegmentSummary:
        material = self._material()
        start_ms = max(segment.start_ms, self._told_until_ms)
        rows = self._streaming.utterances[segment.start : segment.end]
        # The id of what was told before is not given again to what is left of it.
        first = cast("Utterance", next((one for one in rows if one.start_ms >= start_ms), rows[-1]))
        worked_on = {
            one.objective_id: None
            for one in material.answers
            if one.objective_id is not None and start_ms <= one.at_ms <= segment.end_ms
        }
        return SegmentSummary(
            segment_id=f"seg:{first.caption_id}",
            start_ms=start_ms,
            end_ms=segment.end_ms,
            title=title_of(segment, material.plan),
            kind=segment.kind,
            objective_ids=list(worked_on),
        )
