"""What kind of part a segment is: by its place in the lesson, its label, and how it begins.

Labels come from the model. That a segment reviews is said by the words that open it, and that one
instructs by how much of it the tutor says: rules, which nobody has measured.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from features.segmentation import Spoken
from models.segments.decoding import TALK, Span
from models.segments.interface import SegmentKind

_REVIEWS = re.compile(
    r"\b(review|recap|last (time|week|session|lesson)|go(ing)? (back )?over|got (it )?wrong"
    r"|homework|mistakes?)\b",
    re.IGNORECASE,
)
_OPENING_ROWS = 3
_INSTRUCTS_MS = 90_000
_INSTRUCTS_SHARE = 0.8
_CLOSING_SHARE = 0.75
"""A last segment without a problem closes the lesson only if it begins this late in it."""


def kind_of(span: Span, spoken: Sequence[Spoken], *, ended: bool) -> SegmentKind:
    """Return the kind of a span of a lesson.

    Args:
        spoken: the lesson's utterances so far.
        ended: these are all, so that a span that ends with them may close the lesson.
    """
    rows = spoken[span.start : span.end]
    if span.label != TALK:
        reviews = any(_REVIEWS.search(each.text) for each in rows[:_OPENING_ROWS])
        return "review" if reviews else "practice"
    last = ended and span.end == len(spoken)
    if last and span.start > _CLOSING_SHARE * len(spoken):
        return "closing"
    if span.start == 0 and not last:
        return "opening"
    return "instruction" if _instructs(rows) else "other"


def _instructs(rows: Sequence[Spoken]) -> bool:
    lasted = max(each.end_ms for each in rows) - rows[0].start_ms
    words = [(each.role == "tutor", len(each.text.split())) for each in rows]
    total = sum(n for _, n in words)
    tutor = sum(n for is_tutor, n in words if is_tutor)
    return lasted >= _INSTRUCTS_MS and tutor >= _INSTRUCTS_SHARE * max(total, 1)
