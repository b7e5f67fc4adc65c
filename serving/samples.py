"""The sample lesson: its script, and how it is set up in the record."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from lessons.records import Lesson
from lessons.roles import Role
from lessons.store.lessons import LessonStore
from serving.sample_class import sample_class

SAMPLE_FOLDER = Path(str(resources.files("serving"))) / "sample_lesson"
CONSENT_BASIS = "none needed: everybody in it is made up"


class SampleSpeaker(BaseModel):
    """One voice of the sample: who it is in the lesson, and the Opus file of its track."""

    model_config = ConfigDict(frozen=True)

    speaker: str
    name: str
    role: Role
    file: str

    @property
    def path(self) -> Path:
        """Where the track's Opus file lies."""
        return SAMPLE_FOLDER / self.file


class SampleTurn(BaseModel):
    """What one speaker says without a break; times in milliseconds from the start."""

    model_config = ConfigDict(frozen=True)

    speaker: str
    role: Role
    start_ms: int
    end_ms: int
    text: str


class SampleScript(BaseModel):
    """The whole sample lesson, as script.json has it."""

    model_config = ConfigDict(frozen=True)

    title: str
    language: str
    licence: str
    vocabulary: list[str]
    duration_ms: int
    speakers: list[SampleSpeaker]
    turns: list[SampleTurn]

    def speaker_named(self, name: str) -> SampleSpeaker | None:
        """Return the speaker whom the record knows by this name, or None."""
        return next((speaker for speaker in self.speakers if speaker.name == name), None)


@cache
def sample_script() -> SampleScript:
    """Return the script that comes with Lectern."""
    return SampleScript.model_validate_json((SAMPLE_FOLDER / "script.json").read_text("utf-8"))


async def create_sample_lesson(lessons: LessonStore, tenant_id: str) -> Lesson:
    """Set up a fresh sample lesson with its two voices and its class, ready to be played."""
    script = sample_script()
    lesson = await lessons.create_lesson(
        tenant_id,
        title=script.title,
        language=script.language,
        vocabulary=script.vocabulary,
        consent_basis=CONSENT_BASIS,
        sample=True,
    )
    for speaker in script.speakers:
        await lessons.add_participant(tenant_id, lesson.id, speaker.name, speaker.role)
    for member in sample_class().learners:
        if script.speaker_named(member.name) is None:
            await lessons.add_participant(tenant_id, lesson.id, member.name, Role.LEARNER)
    return lesson
