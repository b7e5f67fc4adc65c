"""Attention as a browser can see it: focus, idleness and counts of input; never which keys."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import LARGEST_COUNT, Count, Milliseconds

BUCKET_MS = 5_000
"""Length of the spans in which a browser counts input."""

MAX_BUCKETS = 720
"""Buckets of one event: an hour of 5 s."""


class AttentionFocused(EventData):
    """The lesson's tab or window came to the front on the subject's screen."""

    type = "attention.focused"
    needs_subject = True
    example: ClassVar = {"surface": "tab"}

    surface: Literal["tab", "window"] = Field(default="tab", description="What came to the front")


class AttentionBlurred(EventData):
    """The lesson's tab or window went behind another on the subject's screen."""

    type = "attention.blurred"
    needs_subject = True
    example: ClassVar = {"surface": "tab"}

    surface: Literal["tab", "window"] = Field(default="tab", description="What went behind")


class AttentionIdle(EventData):
    """The subject's browser has seen no input for a while."""

    type = "attention.idle"
    needs_subject = True
    example: ClassVar = {"idle_ms": 60000}

    idle_ms: Milliseconds = Field(description="Time since the last input, when this was noticed")


class AttentionActive(EventData):
    """There is input again after `attention.idle`."""

    type = "attention.active"
    needs_subject = True
    example: ClassVar = {"idle_ms": 95400}

    idle_ms: Milliseconds = Field(description="How long there was none, in all")


class ActivityBucket(BaseModel):
    """How often there was input of each kind within one bucket."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_presses: Count = Field(default=0, description="Keys pressed, whichever they were")
    clicks: Count = Field(default=0, description="Clicks and taps")
    pointer_moves: Count = Field(default=0, description="Movements of the pointer")
    scrolls: Count = Field(default=0, description="Movements of the wheel or of a scrolled view")
    chat_messages: Count = Field(default=0, description="Messages sent")
    edits: Count = Field(default=0, description="Changes to a shared document or code")


class ActivityCounted(EventData):
    """How often the subject did something, in buckets of 5 s: counts only, no content."""

    type = "activity.counted"
    version = 2
    needs_subject = True
    example: ClassVar = {
        "start_ms": 60000,
        "bucket_ms": 5000,
        "buckets": [{"key_presses": 21, "clicks": 3}, {}, {"key_presses": 4, "pointer_moves": 12}],
    }

    start_ms: Milliseconds = Field(description="Start of the first bucket on the lesson clock")
    bucket_ms: int = Field(
        default=BUCKET_MS, ge=1, le=LARGEST_COUNT, description="Length of every bucket"
    )
    buckets: list[ActivityBucket] = Field(
        min_length=1, max_length=MAX_BUCKETS, description="The buckets, one right after another"
    )

    @model_validator(mode="after")
    def _ends_on_the_lesson_clock(self) -> Self:
        if self.end_ms > LARGEST_COUNT:
            raise ValueError(f"the buckets end past {LARGEST_COUNT} ms on the lesson clock")
        return self

    @property
    def end_ms(self) -> int:
        """End of the last bucket on the lesson clock."""
        return self.start_ms + self.bucket_ms * len(self.buckets)


ATTENTION = Family(
    "attention",
    "Attention and activity",
    "What a browser sees without watching anybody: whether the lesson is in front, and how much "
    "input there is of which kind. Which keys were pressed is never carried. It is for those "
    "who teach and for the learner whom it is about.",
    posted=(AttentionFocused, AttentionBlurred, AttentionIdle, AttentionActive, ActivityCounted),
)
