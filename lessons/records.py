"""What the store gives back about lessons, people, tracks, recordings and ingest workers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lessons.roles import Role

LessonStatus = Literal["scheduled", "live", "ended"]
TrackKind = Literal["audio", "video"]
TrackSource = Literal["live", "recording"]
RecordingStatus = Literal["queued", "processing", "done", "failed"]


UNDETERMINED = "und"
"""Language of a lesson that leaves it to each track's speech: ISO 639-2's own code for that."""


class Record(BaseModel):
    """A row as it stood when it was read."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Lesson(Record):
    """One live teaching session, or a recording of one."""

    id: str
    tenant_id: str
    title: str
    status: LessonStatus
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    language: str
    vocabulary: list[str] = Field(default_factory=list)
    consent_basis: str | None = None
    sample: bool = False
    course_id: str | None = None

    @property
    def spoken_language(self) -> str | None:
        """ISO 639-1 code that all tracks are captioned in; None: each in the one it is heard in."""
        return None if self.language == UNDETERMINED else self.language


class Person(Record):
    """Somebody across the lessons of a tenant; `external_id` is the platform's name for them."""

    id: str
    tenant_id: str
    name: str
    external_id: str | None = None
    email: str | None = None
    created_at: AwareDatetime
    erased_at: AwareDatetime | None = None


class RoleAssignment(Record):
    """A role that a person holds at the tenant's node, or in the one course of `course_id`."""

    id: str
    person_id: str
    role: Role
    course_id: str | None = None
    created_at: AwareDatetime


class Guardianship(Record):
    """Who may see what of a child, and consents for them."""

    guardian_id: str
    child_id: str
    created_at: AwareDatetime


class Contract(Record):
    """What an institutional client has agreed with a tenant, and until when; both days count."""

    id: str
    title: str
    client_person_id: str | None = None
    purposes: list[str] = Field(default_factory=list)
    valid_from: date
    valid_until: date | None = None
    created_at: AwareDatetime


class Participant(Record):
    """A person in a lesson; `external_id` is the platform's own name for them."""

    id: str
    lesson_id: str
    person_id: str
    name: str
    role: Role
    external_id: str | None = None


class Track(Record):
    """One participant's audio or video stream; times are milliseconds on the lesson clock."""

    id: str
    lesson_id: str
    participant_id: str
    kind: TrackKind
    source: TrackSource
    worker_id: str | None = None
    muted: bool = False
    published_at_ms: int
    ended_at_ms: int | None = None


class RecordingFile(Record):
    """One uploaded file of a recording and whose voice is on it (None: unattributed)."""

    name: str
    path: str
    participant_id: str | None = None


class Recording(Record):
    """A recording on its way through the pipeline; `progress` is in 0..1."""

    id: str
    lesson_id: str
    status: RecordingStatus
    progress: float = Field(ge=0, le=1)
    duration_ms: int | None = None
    error: str | None = None
    files: list[RecordingFile] = Field(default_factory=list)


class IngestWorkerRecord(Record):
    """An ingest worker as it last reported itself; `load` is in 0..1 of its capacity."""

    id: str
    url: str
    capacity_peers: int
    peers: int
    load: float
    heartbeat_at: AwareDatetime
    draining: bool
