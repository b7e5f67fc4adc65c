"""Screen sharing: who showed a screen, from when to when."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Milliseconds, Name


class ScreenShareStarted(EventData):
    """The subject began to show a screen."""

    type = "screen_share.started"
    needs_subject = True
    shared = True
    example: ClassVar = {"share_id": "share-1", "surface": "window", "audio": False}

    share_id: Name = Field(description="The same as in the `screen_share.stopped` that follows")
    surface: Literal["monitor", "window", "browser"] | None = Field(
        default=None,
        description="What is shown, as `displaySurface` of the W3C's Screen Capture calls it",
    )
    audio: bool = Field(default=False, description="Whether its sound is shared as well")


class ScreenShareStopped(EventData):
    """The subject's screen is no longer shown."""

    type = "screen_share.stopped"
    needs_subject = True
    shared = True
    example: ClassVar = {"share_id": "share-1", "duration_ms": 312000}

    share_id: Name = Field(description="The same as in the `screen_share.started` before")
    duration_ms: Milliseconds | None = Field(default=None, description="How long it was shown")


SCREEN_SHARE = Family(
    "screen_share",
    "Screen sharing",
    "That a screen was shown, and for how long; never what was on it.",
    posted=(ScreenShareStarted, ScreenShareStopped),
)
