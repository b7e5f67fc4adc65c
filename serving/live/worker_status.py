"""What an ingest worker says of itself, to whoever looks after it and to its metrics."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel

from serving.captioning.caption_load import CaptionLoad

CameraState: TypeAlias = Literal["idle", "ready", "off"]
"""`idle`: none was to be looked at yet, so the face models are not loaded; `off`: none can be."""


class CameraStatus(BaseModel):
    """How many cameras are looked at, what became of their pictures, and why none can be."""

    state: CameraState
    looked_at: int
    frames_looked_at: int
    frames_replaced: int
    off_because: str | None


class WorkerStatus(BaseModel):
    """What a worker is doing.

    `events_waiting` counts finals that PostgreSQL has not taken yet; `dropped` sums the counters of
    the peers that are here now, and `captions` those of their captions; `captioner` is what the
    captioner has last told of its load. `cameras` tells of looking at cameras, where this worker
    could.
    """

    worker_id: str
    peers: int
    load: float
    draining: bool
    lessons: int
    events_waiting: int
    dropped: dict[str, int]
    captions: dict[str, int]
    captioner: CaptionLoad
    cameras: CameraStatus | None = None
