"""A family of event types: what belongs together in the catalogue and on one page of its docs."""

from __future__ import annotations

from dataclasses import dataclass

from lessons.events.data import EventData


@dataclass(frozen=True, slots=True)
class Family:
    """Event types about one thing.

    Attributes:
        name: as in the page's address, `lesson_plan`.
        title: as a heading, "Lesson plan".
        description: what the events are for, in a paragraph.
        recorded: the types that only Lectern itself records.
        posted: the types that a platform may post.
    """

    name: str
    title: str
    description: str
    recorded: tuple[type[EventData], ...] = ()
    posted: tuple[type[EventData], ...] = ()

    @property
    def types(self) -> tuple[type[EventData], ...]:
        """Every type of the family."""
        return (*self.recorded, *self.posted)
