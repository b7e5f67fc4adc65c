"""Events of the audio and video tracks of a lesson."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.records import TrackKind, TrackSource

_TRACK_EXAMPLE = {
    "track_id": "trk_01kb9x5t7v0000000000000000",
    "participant_id": "par_01kb9x5t7v0000000000000000",
    "kind": "audio",
}


class TrackPublished(EventData):
    """A participant began to send audio or video, or a recording's track began to be read."""

    type = "track.published"
    example: ClassVar = {**_TRACK_EXAMPLE, "source": "live"}

    track_id: str
    participant_id: str
    kind: TrackKind
    source: TrackSource


class TrackEnded(EventData):
    """A track will bring no more media."""

    type = "track.ended"
    example: ClassVar = {**_TRACK_EXAMPLE, "reason": "left"}

    track_id: str
    participant_id: str
    kind: TrackKind
    reason: str = Field(description="`left`, `connection lost`, `worker lost`, `lesson ended`, ...")


class TrackMuted(EventData):
    """A track was muted, or brings media again."""

    type = "track.muted"
    example: ClassVar = {**_TRACK_EXAMPLE, "muted": True}

    track_id: str
    participant_id: str
    kind: TrackKind
    muted: bool
