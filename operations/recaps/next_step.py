"""What is to become of a recap: drafted, drafted anew, held, or left as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lessons.events import RecapDrafted, RecapEdited, RecapHeld
from lessons.events.recaps import HoldReason
from lessons.recaps.content import RecapContent
from lessons.recaps.record import Recap
from lessons.summary import SummaryDocument
from operations.recaps.drafting import WRITER, WRITER_VERSION
from operations.recaps.redrafting import redrafted

Grade = Callable[[RecapContent], float]
"""Tells the reading level of what a recap says."""

Step = RecapDrafted | RecapEdited | RecapHeld


@dataclass(frozen=True, slots=True)
class Ground:
    """What a recap rests on now, and what it would say if it were drafted now."""

    document: SummaryDocument
    content: RecapContent


def next_steps(known: Recap | None, ground: Ground | HoldReason, grade: Grade) -> list[Step]:
    """Return the events that bring a recap up to what holds now; none where it is so already.

    A draft that has changed has to be approved anew; what a person wrote in it is put into the new
    one as an edit of that person's. What was held for want of ground is drafted again once there is
    some.

    Args:
        ground: what it rests on, or why nothing may be said.
    """
    if not isinstance(ground, Ground):
        return _held(known, ground)
    if known is None:
        return [_drafted(ground, 1, grade)]
    had_no_ground = known.status == "held" and known.held_reason != "tutor"
    if ground.content == known.drafted.content and not had_no_ground:
        return []
    steps: list[Step] = [_drafted(ground, known.version + 1, grade)]
    content = redrafted(known.drafted.content, known.content, ground.content)
    if known.edited_by is not None and content != ground.content:
        steps.append(
            RecapEdited(
                recap_version=known.version + 2,
                content=content,
                reading_grade=grade(content),
                edited_by=known.edited_by,
            )
        )
    return steps


def _held(known: Recap | None, reason: HoldReason) -> list[Step]:
    """Hold what there is; it stays held for the first reason, unless a tutor gave that."""
    if known is None or (known.status == "held" and known.held_reason != "tutor"):
        return []
    return [RecapHeld(recap_version=known.version, reason=reason)]


def _drafted(ground: Ground, version: int, grade: Grade) -> RecapDrafted:
    return RecapDrafted(
        recap_version=version,
        summary_id=ground.document.summary_id,
        summary_version=ground.document.version,
        language=ground.document.language,
        content=ground.content,
        reading_grade=grade(ground.content),
        writer=WRITER,
        writer_version=WRITER_VERSION,
    )
