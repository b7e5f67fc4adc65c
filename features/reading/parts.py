"""What a lesson's material is made of: people, utterances, questions, answers, plan, homework."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from lessons.roles import Role

SpeakerRole = Literal["tutor", "learner", "other"]

TEACHING: frozenset[Role] = frozenset({Role.INSTRUCTOR, Role.TEACHING_ASSISTANT})


def speaker_role(role: Role) -> SpeakerRole:
    """Return in which part somebody speaks in a lesson."""
    if role in TEACHING:
        return "tutor"
    return "learner" if role is Role.LEARNER else "other"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the lesson, heard or not."""

    participant_id: str
    name: str
    role: SpeakerRole


@dataclass(frozen=True, slots=True)
class Utterance:
    """One caption as it stands; times are milliseconds on the lesson clock.

    Attributes:
        event_id: of the caption's final.
        confidence: mean of the words' confidence; None where a person typed or corrected it.
        language: ISO 639-1 code.
        confidences: of each word of the text, as spaces part them; empty where they are not known.
    """

    caption_id: str
    event_id: str
    revision: int
    participant_id: str
    role: SpeakerRole
    start_ms: int
    end_ms: int
    text: str
    confidence: float | None
    language: str
    confidences: tuple[float, ...] = ()


class RatedWord(Protocol):
    """A recognised word, from an event or from an engine, and how sure the engine was of it."""

    @property
    def text(self) -> str: ...  # noqa: D102

    @property
    def confidence(self) -> float: ...  # noqa: D102


def word_confidences(text: str, words: Iterable[RatedWord]) -> tuple[float, ...]:
    """Return the confidence of each word of a caption's text; none where the two do not match."""
    told = tuple(word.confidence for word in words for _ in word.text.split())
    return told if len(told) == len(text.split()) else ()


@dataclass(frozen=True, slots=True)
class Question:
    """A question in an utterance, and what came of it.

    Attributes:
        kind: of `features.reading.questions.QuestionKind`.
        wait_ms: until anybody else spoke; None: nobody did within 15 seconds.
        answer_caption_id: what the next speaker said, where that was somebody else.
    """

    caption_id: str
    participant_id: str
    role: SpeakerRole
    at_ms: int
    kind: str
    text: str
    wait_ms: int | None
    answer_caption_id: str | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to an item of an exercise, quiz or poll."""

    event_id: str
    participant_id: str
    at_ms: int
    assessment_id: str | None
    item_id: str
    attempt: int
    response: str | None
    correct: bool | None
    duration_ms: int | None
    objective_id: str | None
    hints: int


@dataclass(frozen=True, slots=True)
class PlanItem:
    """An item of the lesson's plan that was taken up; `outcome` None: it was never left behind."""

    event_ids: tuple[str, ...]
    item_id: str
    title: str
    objective_ids: tuple[str, ...]
    start_ms: int
    end_ms: int | None
    outcome: Literal["done", "skipped", "postponed"] | None


@dataclass(frozen=True, slots=True)
class MarkedObjective:
    """An objective that somebody who teaches marked as covered."""

    event_id: str
    objective_id: str
    how: Literal["introduced", "practised", "reviewed"]
    participant_ids: tuple[str, ...] | None
    note: str | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class HomeworkItem:
    """Homework that an event set; `participant_ids` None: every learner."""

    event_id: str
    homework_id: str
    title: str
    instructions: str | None
    objective_ids: tuple[str, ...]
    participant_ids: tuple[str, ...] | None
    due_at: datetime | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message whose text the platform shares."""

    event_id: str
    participant_id: str
    at_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class RaisedHand:
    """A learner asked for the floor."""

    event_id: str
    participant_id: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Objective:
    """Something that the course is to teach, addressed in this lesson or not."""

    objective_id: str
    title: str
