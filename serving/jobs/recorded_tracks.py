"""The audio tracks of recorded files, each with the participant whose voice is on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.lessons import UNATTRIBUTED, LessonStore
from media_ingest.recording import read_recording
from serving.jobs.recordings import RecordedTrack


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file of a recording, and the participant on its first audio track, if one is known."""

    path: Path
    participant: Participant | None


async def open_tracks(
    lessons: LessonStore, lesson: Lesson, files: Sequence[RecordedFile]
) -> list[RecordedTrack]:
    """Look into every file; a further audio track of a file is nobody's.

    Raises:
        InvalidInput: a file is missing or empty.
        UnsupportedMedia: a file is no media, was cut off, or has no audio.
    """
    audio = [(file, track) for file in files for track in read_recording(file.path).tracks]
    recorded: list[RecordedTrack] = []
    for file, track in audio:
        person = file.participant if track.index == 0 else None
        if person is None:
            name = UNATTRIBUTED if len(audio) == 1 else f"{UNATTRIBUTED} {len(recorded) + 1}"
            person = await lessons.add_participant(lesson.tenant_id, lesson.id, name, Role.OBSERVER)
        recorded.append(RecordedTrack(person, track.frames(), track.duration_ms or 0.0))
    return recorded
