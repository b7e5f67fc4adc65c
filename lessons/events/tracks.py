"""Events of the audio and video tracks of a lesson."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.records import TrackKind, TrackSource

_TRACK_EXAMPLE = {
    "track_id": "trk_01kb9x5t7v0000000000000000",
    "participant_id": "par_01kb9x5t7v0000000000000000",
    "kind": "audio",
}


class TrackPublished(EventData):
    """A participant began to send audio or video, or a recording's track began to be read."""

    type = "track.published"
    shared = True
    example: ClassVar = {**_TRACK_EXAMPLE, "source": "live"}

    track_id: str = Field(description="The track")
    participant_id: str = Field(description="Whose track it is")
    kind: TrackKind = Field(description="What it carries")
    source: TrackSource = Field(description="A live connection or a recording")


class TrackEnded(EventData):
    """A track will bring no more media."""

    type = "track.ended"
    shared = True
    example: ClassVar = {**_TRACK_EXAMPLE, "reason": "left"}

    track_id: str = Field(description="The track")
    participant_id: str = Field(description="Whose track it is")
    kind: TrackKind = Field(description="What it carries")
    reason: str = Field(
        description="`left`, `connection lost`, `lesson ended`, `consent revoked`, ..."
    )


class TrackMuted(EventData):
    """A track was muted, or brings media again."""

    type = "track.muted"
    shared = True
    example: ClassVar = {**_TRACK_EXAMPLE, "muted": True}

    track_id: str = Field(description="The track")
    participant_id: str = Field(description="Whose track it is")
    kind: TrackKind = Field(description="What it carries")
    muted: bool = Field(description="Whether it is silent or dark from here on")


TRACKS = Family(
    "tracks",
    "Audio and video tracks",
    "Media as it comes to Lectern: published, muted and ended.",
    recorded=(TrackPublished, TrackEnded, TrackMuted),
)
