"""Which events a whole lesson shares; all others are the personal data of their subject."""

from __future__ import annotations

from lessons.events import LearningEvent

SHARED_TYPES: frozenset[str] = frozenset(
    {
        "lesson.started",
        "lesson.ended",
        "participant.joined",
        "participant.left",
        "track.published",
        "track.ended",
        "track.muted",
        "caption.final",
        "caption.corrected",
        "hand.raised",
        "hand.lowered",
        "poll.opened",
        "breakout.entered",
        "breakout.left",
        "whiteboard.contributed",
    }
)
"""What everybody in the room sees or hears anyway. A new type is personal until it stands here."""


def is_shared(event: LearningEvent) -> bool:
    """Tell whether everybody in the lesson may read the event."""
    return event.type in SHARED_TYPES
