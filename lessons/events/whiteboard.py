"""Shared boards: who drew, wrote and turned pages, and how much; never the content itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Count, Milliseconds, Name, Ordinal

ObjectKind = Literal[
    "text", "formula", "shape", "line", "image", "sticky_note", "table", "document", "other"
]


class WhiteboardContributed(EventData):
    """The subject added to a shared board, as told by boards that report no more than this."""

    type = "whiteboard.contributed"
    needs_subject = True
    shared = True
    example: ClassVar = {"board_id": "board-1", "kind": "stroke", "elements": 3}

    board_id: Name = Field(description="The platform's id of the board")
    kind: Literal["stroke", "shape", "text", "image", "erase"] = Field(description="What it was")
    elements: Ordinal = Field(default=1, description="Number of elements added or changed")


class WhiteboardStrokesDrawn(EventData):
    """The subject drew some strokes in one go: a batch, not one event per stroke."""

    type = "whiteboard.strokes_drawn"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "board_id": "board-1",
        "page_id": "page-2",
        "strokes": 14,
        "points": 512,
        "erased": 1,
        "duration_ms": 4800,
    }

    board_id: Name = Field(description="The platform's id of the board")
    page_id: Name | None = Field(default=None, description="The page, where the board has several")
    strokes: Count = Field(description="Strokes drawn")
    points: Count | None = Field(default=None, description="Points of all of these strokes")
    erased: Count = Field(default=0, description="Strokes erased")
    duration_ms: Milliseconds | None = Field(
        default=None, description="From the first stroke of the batch to the last"
    )


class WhiteboardObjectChanged(EventData):
    """The subject added, changed, moved or deleted one object of the board."""

    type = "whiteboard.object_changed"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "board_id": "board-1",
        "page_id": "page-2",
        "object_id": "object-31",
        "kind": "text",
        "action": "changed",
        "characters_added": 42,
        "characters_removed": 3,
    }

    board_id: Name = Field(description="The platform's id of the board")
    page_id: Name | None = Field(default=None, description="The page, where the board has several")
    object_id: Name = Field(description="The platform's id of the object")
    kind: ObjectKind = Field(description="What the object is")
    action: Literal["added", "changed", "moved", "deleted"] = Field(
        description="What was done to it"
    )
    characters_added: Count = Field(default=0, description="Characters written, for text")
    characters_removed: Count = Field(default=0, description="Characters deleted, for text")
    owner_id: Name | None = Field(
        default=None, description="Participant who first added the object, if known"
    )


class WhiteboardPageChanged(EventData):
    """The subject added, opened, cleared or deleted a page of the board."""

    type = "whiteboard.page_changed"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "board_id": "board-1",
        "page_id": "page-3",
        "action": "opened",
        "page_number": 3,
    }

    board_id: Name = Field(description="The platform's id of the board")
    page_id: Name = Field(description="The platform's id of the page")
    action: Literal["added", "opened", "cleared", "deleted"] = Field(
        description="What was done to it"
    )
    page_number: Ordinal | None = Field(default=None, description="Its place, from 1")
    objects_removed: Count = Field(
        default=0, description="Objects and strokes that went with a clearing or deletion"
    )


WHITEBOARD = Family(
    "whiteboard",
    "Whiteboard",
    "Who did how much on a shared board: strokes, objects and pages. The content is not carried.",
    posted=(
        WhiteboardStrokesDrawn,
        WhiteboardObjectChanged,
        WhiteboardPageChanged,
        WhiteboardContributed,
    ),
)
