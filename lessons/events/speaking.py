"""Who has the floor, from when to when. What was said is in the captions."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Milliseconds, Name

DetectedBy = Literal["voice_activity", "platform"]
"""Lectern's own voice activity detection, or the platform's active-speaker detection."""


class SpeakingStarted(EventData):
    """The subject began to speak."""

    type = "speaking.started"
    needs_subject = True
    shared = True
    example: ClassVar = {"utterance_id": "utt-12", "start_ms": 61200, "detected_by": "platform"}

    utterance_id: Name = Field(description="The same as in the `speaking.stopped` that follows")
    start_ms: Milliseconds = Field(description="When, on the lesson clock")
    track_id: Name | None = Field(default=None, description="The track on which it was heard")
    detected_by: DetectedBy = Field(
        default="platform",
        description="`voice_activity`: Lectern heard it; `platform`: its media server said so",
    )


class SpeakingStopped(EventData):
    """The subject stopped speaking: a pause long enough to end the utterance."""

    type = "speaking.stopped"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "utterance_id": "utt-12",
        "start_ms": 61200,
        "end_ms": 64850,
        "detected_by": "platform",
    }

    utterance_id: Name = Field(description="The same as in the `speaking.started` before")
    start_ms: Milliseconds = Field(description="First speech, on the lesson clock")
    end_ms: Milliseconds = Field(description="Last speech, on the lesson clock")
    track_id: Name | None = Field(default=None, description="The track on which it was heard")
    detected_by: DetectedBy = Field(
        default="platform",
        description="`voice_activity`: Lectern heard it; `platform`: its media server said so",
    )

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_ms < self.start_ms:
            raise ValueError("end_ms lies before start_ms")
        return self


SPEAKING = Family(
    "speaking",
    "Speaking",
    "Turns of speech, without words. Where media comes to Lectern, it records them by voice "
    "activity, captions or not; a platform with a media server of its own posts them.",
    posted=(SpeakingStarted, SpeakingStopped),
)
