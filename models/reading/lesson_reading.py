"""A lesson as it was read: everything that a writer of summaries may rest a sentence on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.reading.parts import (
    Answer,
    ChatMessage,
    HomeworkItem,
    MarkedObjective,
    Objective,
    Person,
    PlanItem,
    Question,
    RaisedHand,
    Utterance,
)
from lessons.summary import ComprehensionMoment, CoveredObjective, Reflection, SegmentKind


@dataclass(frozen=True, slots=True)
class ReadSegment:
    """A stretch of the lesson about one thing.

    Attributes:
        first, last: rows of the reading's utterances, both within it.
        problem_id: exercise of the material that it is about, where a model linked one.
    """

    segment_id: str
    first: int
    last: int
    start_ms: int
    end_ms: int
    title: str
    kind: SegmentKind
    confidence: float
    problem_id: str | None = None
    objective_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """A talk move that a model recognised in an utterance; `none` is not among them."""

    caption_id: str
    move: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LessonReading:
    """A lesson as it was read.

    Attributes:
        title: of the lesson, where it has one.
        language: BCP 47 tag in which a summary is to be written.
        people: everybody on the roll, heard or not, but for who refused to be told of.
        utterances: in time.
        objectives: the course's, addressed or not.
        covered: those that the lesson addressed.
        marked: what those who teach said that it covered.
        talk_ms: for how long each person spoke.
        models: versions of the models that read it, by name.
    """

    lesson_id: str
    title: str | None
    language: str
    duration_ms: int
    people: tuple[Person, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    segments: tuple[ReadSegment, ...] = ()
    objectives: tuple[Objective, ...] = ()
    covered: tuple[CoveredObjective, ...] = ()
    marked: tuple[MarkedObjective, ...] = ()
    moves: tuple[Move, ...] = ()
    questions: tuple[Question, ...] = ()
    answers: tuple[Answer, ...] = ()
    plan: tuple[PlanItem, ...] = ()
    homework: tuple[HomeworkItem, ...] = ()
    chats: tuple[ChatMessage, ...] = ()
    hands: tuple[RaisedHand, ...] = ()
    moments: tuple[ComprehensionMoment, ...] = ()
    reflections: tuple[Reflection, ...] = ()
    talk_ms: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
