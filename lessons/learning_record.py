"""The learner's record: evidence on objectives, what was made of it, and homework."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import AwareDatetime

from lessons.evidence import EvidenceKind
from lessons.records import Record


class Evidence(Record):
    """One thing that supports a claim about a learner and an objective, and where to find it.

    `outcome` is the share of the points, of an answer only; `sequence` is the event's place in its
    lesson's ledger; `response` names what was answered or covered there.
    """

    objective_id: str
    lesson_id: str
    response: str
    event_id: str
    sequence: int
    kind: EvidenceKind
    outcome: float | None = None
    detail: str | None = None
    occurred_at: AwareDatetime
    lesson_time_ms: int


@dataclass(frozen=True, slots=True)
class KnowledgeRow:
    """What is believed under each draw of the model's parameters, as the store keeps it."""

    known: Sequence[float]
    weights: Sequence[float]
    known_at: AwareDatetime | None
    model_version: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """What was believed after the last answer of a week; `week` is its Monday."""

    week: date
    answers: int
    knowledge: KnowledgeRow


@dataclass(frozen=True, slots=True)
class Traced:
    """What all evidence of one learner on one objective comes to."""

    knowledge: KnowledgeRow
    weeks: Sequence[WeekRow]


Trace = Callable[[Sequence[Evidence]], Traced]
"""Makes knowledge of evidence, oldest first; `models.mastery` has one."""


@dataclass(frozen=True, slots=True)
class ObjectiveRecord:
    """A learner's record on one objective: counts, when last, and what is believed."""

    person_id: str
    objective_id: str
    covered: int
    covered_at: AwareDatetime | None
    practised: int
    practised_at: AwareDatetime | None
    evidence_for: int
    evidence_against: int
    knowledge: KnowledgeRow


class Homework(Record):
    """Homework of one learner; `assigned_at` is null where only its completion was told."""

    person_id: str
    homework_id: str
    lesson_id: str
    course_id: str | None = None
    title: str | None = None
    objective_ids: list[str]
    assigned_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    completed_at: AwareDatetime | None = None
