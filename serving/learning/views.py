"""How the learner's record goes on the wire; progress and briefing share these shapes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.courses import Objective
from lessons.evidence import EvidenceKind
from lessons.learning_record import Evidence, Homework
from models.mastery.knowledge_tracing import Mastery
from models.mastery.parameters import TracingParameters
from models.mastery.reinforcement import Estimate, Reason, ReasonKind, Status, status_of

EXAMPLE_EVIDENCE: JsonDict = {
    "lesson_id": "les_01kb9x5t7v0000000000000000",
    "event_id": "platform-4711",
    "sequence": 41,
    "kind": "answer",
    "outcome": 0.0,
    "detail": None,
    "occurred_at": "2026-11-22T10:15:30Z",
    "lesson_time_ms": 858000,
}
EXAMPLE_OBJECTIVE: JsonDict = {
    "id": "obj_01kb9x5t7v0000000000000000",
    "code": "fractions.add",
    "statement": "Add fractions with unlike denominators",
}
EXAMPLE_MASTERY: JsonDict = {"estimate": 0.42, "low": 0.2, "high": 0.66}
EXAMPLE_REASON: JsonDict = {
    "kind": "recent_mistakes",
    "text": "3 of the latest 4 answers were wrong.",
    "evidence": [EXAMPLE_EVIDENCE],
}
EXAMPLE_STANDING: JsonDict = {
    "objective": EXAMPLE_OBJECTIVE,
    "status": "needs_reinforcement",
    "mastery": EXAMPLE_MASTERY,
    "answers": 5,
    "evidence_for": 2,
    "evidence_against": 3,
    "covered_in_lessons": 2,
    "covered_at": "2026-11-15T10:02:11Z",
    "practised": 6,
    "practised_at": "2026-11-22T10:15:30Z",
}
EXAMPLE_MODEL: JsonDict = {
    "name": "Bayesian knowledge tracing with forgetting",
    "version": "simulated-1",
    "data": "simulated learners",
}


class EvidenceView(BaseModel):
    """One event that supports a claim, and where to find it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_EVIDENCE]})

    lesson_id: str
    event_id: str
    sequence: int = Field(description="The event's place in its lesson's ledger")
    kind: EvidenceKind
    outcome: float | None = Field(description="Share of the points, 0..1; of an answer only")
    detail: str | None
    occurred_at: AwareDatetime
    lesson_time_ms: int

    @classmethod
    def of(cls, evidence: Evidence) -> EvidenceView:
        """Return evidence as it goes on the wire."""
        return cls.model_validate(evidence.model_dump(include=set(cls.model_fields)))


class MasteryView(BaseModel):
    """Probability that an objective is known; 90 % of the belief lies in `low..high`."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_MASTERY]})

    estimate: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, mastery: Mastery) -> MasteryView:
        """Return an estimate as it goes on the wire: three decimals claim enough."""
        return cls(
            estimate=round(mastery.estimate, 3),
            low=round(mastery.low, 3),
            high=round(mastery.high, 3),
        )


class ObjectiveName(BaseModel):
    """An objective in short."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_OBJECTIVE]})

    id: str
    code: str
    statement: str

    @classmethod
    def of(cls, objective: Objective) -> ObjectiveName:
        """Return the short form of an objective."""
        return cls(id=objective.id, code=objective.code, statement=objective.statement)


class LearnerName(BaseModel):
    """A learner in short; `id` is the person's."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "per_01kb9x5t7v0000000000000000", "name": "Ada"}]}
    )

    id: str
    name: str


class ReasonView(BaseModel):
    """Why an objective needs reinforcement, with the evidence that says so."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_REASON]})

    kind: ReasonKind
    text: str
    evidence: list[EvidenceView]

    @classmethod
    def of(cls, reason: Reason) -> ReasonView:
        """Return a reason as it goes on the wire."""
        return cls(
            kind=reason.kind,
            text=reason.text,
            evidence=[EvidenceView.of(each) for each in reason.evidence],
        )


class StandingView(BaseModel):
    """A learner's record on an objective in figures.

    `mastery` is null without a single answer: then nothing is known of this learner.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_STANDING]})

    objective: ObjectiveName
    status: Status
    mastery: MasteryView | None
    answers: int
    evidence_for: int
    evidence_against: int
    covered_in_lessons: int
    covered_at: AwareDatetime | None
    practised: int
    practised_at: AwareDatetime | None


def standing_fields(objective: Objective, estimate: Estimate) -> dict[str, object]:
    """Return the fields of a `StandingView`."""
    record = estimate.record
    return {
        "objective": ObjectiveName.of(objective),
        "status": status_of(estimate),
        "mastery": MasteryView.of(estimate.now) if estimate.answers else None,
        "answers": estimate.answers,
        "evidence_for": record.evidence_for,
        "evidence_against": record.evidence_against,
        "covered_in_lessons": record.covered,
        "covered_at": record.covered_at,
        "practised": record.practised,
        "practised_at": record.practised_at,
    }


class HomeworkView(BaseModel):
    """Homework of one learner."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "homework_id": "homework-12",
                    "title": "Worksheet 4, exercises 1 to 6",
                    "lesson_id": "les_01kb9x5t7v0000000000000000",
                    "objectives": [EXAMPLE_OBJECTIVE],
                    "assigned_at": "2026-11-15T10:40:00Z",
                    "due_at": "2026-11-22T08:00:00Z",
                    "completed_at": None,
                    "overdue": True,
                }
            ]
        }
    )

    homework_id: str
    title: str | None
    lesson_id: str
    objectives: list[ObjectiveName]
    assigned_at: AwareDatetime | None
    due_at: AwareDatetime | None
    completed_at: AwareDatetime | None
    overdue: bool


def homework_view(
    homework: Homework, objectives: dict[str, Objective], now: AwareDatetime
) -> HomeworkView:
    """Return homework as it goes on the wire; it is overdue while it is open past its date."""
    late = homework.completed_at is None and homework.due_at is not None and homework.due_at < now
    return HomeworkView(
        homework_id=homework.homework_id,
        title=homework.title,
        lesson_id=homework.lesson_id,
        objectives=[
            ObjectiveName.of(objectives[each])
            for each in homework.objective_ids
            if each in objectives
        ],
        assigned_at=homework.assigned_at,
        due_at=homework.due_at,
        completed_at=homework.completed_at,
        overdue=late,
    )


class MasteryModelView(BaseModel):
    """Which model made the estimates, and what its parameters were fitted on."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_MODEL]})

    name: str = "Bayesian knowledge tracing with forgetting"
    version: str
    data: str

    @classmethod
    def of(cls, parameters: TracingParameters) -> MasteryModelView:
        """Return what a model's parameters say of themselves."""
        return cls(version=parameters.version, data=parameters.data)


def mondays(first: date, last: date) -> Sequence[date]:
    """Return the Mondays from one to another, both included."""
    return [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1, 7)]
