"""What people do in a lesson besides speaking; the platform posts these."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from lessons.events.data import EventData


class HandRaised(EventData):
    """The subject asked for the floor."""

    type = "hand.raised"
    needs_subject = True
    example: ClassVar = {}


class HandLowered(EventData):
    """The subject's hand went down; `lowered_by` is the participant who lowered it, if known."""

    type = "hand.lowered"
    needs_subject = True
    example: ClassVar = {"lowered_by": "par_01kb9x5t7v0000000000000000"}

    lowered_by: str | None = None


class PollOpened(EventData):
    """A question with fixed options was put to the lesson."""

    type = "poll.opened"
    example: ClassVar = {
        "poll_id": "poll-7",
        "question": "Which is larger?",
        "options": ["2/3", "3/5"],
        "correct_options": [0],
    }

    poll_id: str = Field(min_length=1, max_length=200)
    question: str = Field(min_length=1, max_length=2_000)
    options: list[str] = Field(min_length=2, max_length=50)
    correct_options: list[int] | None = Field(
        default=None, description="Indexes into `options`; null where there is no right answer"
    )

    @model_validator(mode="after")
    def _correct_options_exist(self) -> Self:
        for index in self.correct_options or ():
            if not 0 <= index < len(self.options):
                raise ValueError(f"correct_options names option {index}, which is not there")
        return self


class PollAnswered(EventData):
    """The subject answered a poll; `options` are indexes into the poll's options."""

    type = "poll.answered"
    needs_subject = True
    example: ClassVar = {"poll_id": "poll-7", "options": [0], "response_time_ms": 8200}

    poll_id: str = Field(min_length=1, max_length=200)
    options: list[int] = Field(max_length=50)
    response_time_ms: int | None = Field(default=None, ge=0)


class WhiteboardContributed(EventData):
    """The subject added to or changed a shared board; the content itself is not carried."""

    type = "whiteboard.contributed"
    needs_subject = True
    example: ClassVar = {"board_id": "board-1", "kind": "stroke", "elements": 3}

    board_id: str = Field(min_length=1, max_length=200)
    kind: Literal["stroke", "shape", "text", "image", "erase"]
    elements: int = Field(default=1, ge=1, description="Number of elements added or changed")


class BreakoutEntered(EventData):
    """The subject went into a breakout room."""

    type = "breakout.entered"
    needs_subject = True
    example: ClassVar = {"room_id": "room-2", "room_name": "Team B"}

    room_id: str = Field(min_length=1, max_length=200)
    room_name: str | None = Field(default=None, max_length=200)


class BreakoutLeft(EventData):
    """The subject came back from a breakout room."""

    type = "breakout.left"
    needs_subject = True
    example: ClassVar = {"room_id": "room-2"}

    room_id: str = Field(min_length=1, max_length=200)
