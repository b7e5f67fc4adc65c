"""Breakout rooms: made, entered, left and closed."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Milliseconds, Name

MAX_PEOPLE = 1_000


class BreakoutCreated(EventData):
    """A breakout room was made."""

    type = "breakout.created"
    shared = True
    by_teachers = True
    example: ClassVar = {
        "room_id": "room-2",
        "room_name": "Team B",
        "participant_ids": ["par_01kb9x5t7v0000000000000000"],
        "time_limit_ms": 600000,
    }

    room_id: Name = Field(description="The platform's id of the room")
    room_name: str | None = Field(default=None, max_length=200, description="As people read it")
    participant_ids: list[Name] = Field(
        default_factory=list, max_length=MAX_PEOPLE, description="Who was put into it; may be empty"
    )
    time_limit_ms: Milliseconds | None = Field(default=None, description="Closes after this")


class BreakoutEntered(EventData):
    """The subject went into a breakout room."""

    type = "breakout.entered"
    needs_subject = True
    shared = True
    example: ClassVar = {"room_id": "room-2", "room_name": "Team B"}

    room_id: Name = Field(description="The platform's id of the room")
    room_name: str | None = Field(default=None, max_length=200, description="As people read it")


class BreakoutLeft(EventData):
    """The subject came back from a breakout room."""

    type = "breakout.left"
    needs_subject = True
    shared = True
    example: ClassVar = {"room_id": "room-2"}

    room_id: Name = Field(description="The room that was left")


class BreakoutClosed(EventData):
    """A breakout room was closed; whoever was in it is back."""

    type = "breakout.closed"
    shared = True
    by_teachers = True
    example: ClassVar = {"room_id": "room-2"}

    room_id: Name = Field(description="The room that was closed")


BREAKOUTS = Family(
    "breakouts",
    "Breakout rooms",
    "Rooms beside the lesson, and who is in which.",
    posted=(BreakoutCreated, BreakoutEntered, BreakoutLeft, BreakoutClosed),
)
