"""Asking for the floor."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Name


class HandRaised(EventData):
    """The subject asked for the floor."""

    type = "hand.raised"
    needs_subject = True
    shared = True
    example: ClassVar = {}


class HandLowered(EventData):
    """The subject's hand went down."""

    type = "hand.lowered"
    needs_subject = True
    shared = True
    example: ClassVar = {"lowered_by": "par_01kb9x5t7v0000000000000000"}

    lowered_by: Name | None = Field(
        default=None, description="Id of the participant who lowered it, if known"
    )


HANDS = Family(
    "hands",
    "Raised hands",
    "Who asked for the floor, and when the hand went down.",
    posted=(HandRaised, HandLowered),
)
