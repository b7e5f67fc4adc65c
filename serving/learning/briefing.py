"""The briefing of a lesson: what a tutor wants to know before it begins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic.config import JsonDict

from lessons.courses import Course, Objective
from lessons.learning_record import Homework
from lessons.records import Lesson, Person
from lessons.store.learning_record_reading import Attended, Coverage
from models.mastery.reinforcement import (
    Estimate,
    ReasonKind,
    Status,
    reasons_for,
    status_of,
    weak_prerequisites,
)
from serving.learning.views import (
    EXAMPLE_EVIDENCE,
    EXAMPLE_MODEL,
    EXAMPLE_OBJECTIVE,
    EvidenceView,
    HomeworkView,
    LearnerName,
    MasteryModelView,
    ObjectiveName,
    ReasonView,
    StandingView,
    homework_view,
    standing_fields,
)

NEXT_OBJECTIVES = 5
"""Objectives that are proposed to come next."""

_EXAMPLE_LEARNER: JsonDict = {"id": "per_01kb9x5t7v0000000000000000", "name": "Ada"}
_EXAMPLE_REASON: JsonDict = {
    "kind": "recent_mistakes",
    "text": "3 of the latest 4 answers were wrong.",
    "evidence": [EXAMPLE_EVIDENCE],
}


class CourseName(BaseModel):
    """A course in short."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "crs_01kb9x5t7v0000000000000000", "title": "Fractions 6b"}]
        }
    )

    id: str
    title: str


class CoveredObjective(BaseModel):
    """An objective that a lesson covered."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "objective": EXAMPLE_OBJECTIVE,
                    "learners": 3,
                    "evidence": [EXAMPLE_EVIDENCE | {"kind": "covered", "outcome": None}],
                }
            ]
        }
    )

    objective: ObjectiveName
    learners: int
    evidence: list[EvidenceView]


class PastLesson(BaseModel):
    """An earlier lesson of the course, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lesson_id": "les_01kb9x5t7v0000000000000000",
                    "title": "Fractions, part 1",
                    "started_at": "2026-11-15T10:00:00Z",
                    "attended": 3,
                    "covered": [],
                }
            ]
        }
    )

    lesson_id: str
    title: str
    started_at: AwareDatetime | None
    attended: int
    covered: list[CoveredObjective]


class GroupReinforcement(BaseModel):
    """An objective that several learners need again; who needs it and why is told by learner."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "objective": EXAMPLE_OBJECTIVE,
                    "learners": [_EXAMPLE_LEARNER],
                    "of": 3,
                    "reasons": {"recent_mistakes": 1},
                    "needed_for": [],
                }
            ]
        }
    )

    objective: ObjectiveName
    learners: list[LearnerName]
    of: int
    reasons: dict[ReasonKind, int]
    needed_for: list[ObjectiveName]


class GroupHomework(BaseModel):
    """Homework that somebody has not done yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "homework_id": "homework-12",
                    "title": "Worksheet 4, exercises 1 to 6",
                    "due_at": "2026-11-22T08:00:00Z",
                    "open_for": [_EXAMPLE_LEARNER],
                }
            ]
        }
    )

    homework_id: str
    title: str | None
    due_at: AwareDatetime | None
    open_for: list[LearnerName]


class GroupBriefing(BaseModel):
    """What concerns the group as a whole.

    `next` are objectives of the curriculum that were not covered yet and whose prerequisites nobody
    is known to need again, in the order of the curriculum.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "learners": 3,
                    "reinforce": [],
                    "open_homework": [],
                    "next": [EXAMPLE_OBJECTIVE],
                }
            ]
        }
    )

    learners: int
    reinforce: list[GroupReinforcement]
    open_homework: list[GroupHomework]
    next: list[ObjectiveName]


class LearnerReinforcement(StandingView):
    """An objective that a learner needs again, and why."""

    reasons: list[ReasonView]


class LearnerBriefing(BaseModel):
    """What concerns one learner; `missed` are the latest lessons that the learner was not in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "learner": _EXAMPLE_LEARNER,
                    "missed": [],
                    "statuses": {
                        "mastered": 4,
                        "developing": 2,
                        "needs_reinforcement": 1,
                        "not_enough_evidence": 3,
                    },
                    "reinforce": [],
                    "open_homework": [],
                }
            ]
        }
    )

    learner: LearnerName
    missed: list[str]
    statuses: dict[Status, int]
    reinforce: list[LearnerReinforcement]
    open_homework: list[HomeworkView]


class Briefing(BaseModel):
    """What a tutor wants to know before the lesson.

    `is_current` is false for the seconds in which the record has not caught up with the events.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lesson_id": "les_01kb9x5t7v0000000000000001",
                    "title": "Fractions, part 2",
                    "course": {"id": "crs_01kb9x5t7v0000000000000000", "title": "Fractions 6b"},
                    "as_of": "2026-11-22T09:55:00Z",
                    "is_current": True,
                    "last_lessons": [],
                    "group": {"learners": 3, "reinforce": [], "open_homework": [], "next": []},
                    "learners": [
                        {
                            "learner": _EXAMPLE_LEARNER,
                            "missed": [],
                            "statuses": {
                                "mastered": 4,
                                "developing": 2,
                                "needs_reinforcement": 1,
                                "not_enough_evidence": 3,
                            },
                            "reinforce": [
                                {
                                    "objective": EXAMPLE_OBJECTIVE,
                                    "status": "needs_reinforcement",
                                    "mastery": {"estimate": 0.42, "low": 0.2, "high": 0.66},
                                    "answers": 5,
                                    "evidence_for": 2,
                                    "evidence_against": 3,
                                    "covered_in_lessons": 2,
                                    "covered_at": "2026-11-15T10:02:11Z",
                                    "practised": 6,
                                    "practised_at": "2026-11-22T10:15:30Z",
                                    "reasons": [_EXAMPLE_REASON],
                                }
                            ],
                            "open_homework": [],
                        }
                    ],
                    "model": EXAMPLE_MODEL,
                }
            ]
        }
    )

    lesson_id: str
    title: str
    course: CourseName | None
    as_of: AwareDatetime
    is_current: bool
    last_lessons: list[PastLesson]
    group: GroupBriefing
    learners: list[LearnerBriefing]
    model: MasteryModelView


@dataclass(frozen=True, slots=True)
class BriefingFacts:
    """Everything that a briefing is put together from, as it was read.

    Attributes:
        curriculum: the course's objectives in their order, retired ones left out.
        objectives: those and all others that a record names, by id.
    """

    lesson: Lesson
    course: Course | None
    now: datetime
    is_current: bool
    past: Sequence[Attended]
    coverage: Sequence[Coverage]
    learners: Sequence[Person]
    estimates: Sequence[Estimate]
    homework: Sequence[Homework]
    curriculum: Sequence[Objective]
    objectives: Mapping[str, Objective]
    model: MasteryModelView


def briefing_of(facts: BriefingFacts) -> Briefing:
    """Put a briefing together; pure, so the same facts give the same briefing."""
    return Briefing(
        lesson_id=facts.lesson.id,
        title=facts.lesson.title,
        course=CourseName(id=facts.course.id, title=facts.course.title) if facts.course else None,
        as_of=facts.now,
        is_current=facts.is_current,
        last_lessons=[_past_lesson(facts, each) for each in facts.past],
        group=_group(facts),
        learners=[_learner(facts, each) for each in facts.learners],
        model=facts.model,
    )


def _past_lesson(facts: BriefingFacts, past: Attended) -> PastLesson:
    return PastLesson(
        lesson_id=past.lesson.id,
        title=past.lesson.title,
        started_at=past.lesson.started_at,
        attended=len(past.person_ids & {person.id for person in facts.learners}),
        covered=[
            CoveredObjective(
                objective=ObjectiveName.of(facts.objectives[each.objective_id]),
                learners=each.learners,
                evidence=[EvidenceView.of(evidence) for evidence in each.evidence],
            )
            for each in facts.coverage
            if each.lesson_id == past.lesson.id and each.objective_id in facts.objectives
        ],
    )


def _learner(facts: BriefingFacts, person: Person) -> LearnerBriefing:
    own = [each for each in facts.estimates if each.record.person_id == person.id]
    counted = Counter(status_of(each) for each in own)
    weak = [
        (each, reasons)
        for each in own
        if each.record.objective_id in facts.objectives and (reasons := reasons_for(each))
    ]
    return LearnerBriefing(
        learner=_name(person),
        missed=[each.lesson.id for each in facts.past if person.id not in each.person_ids],
        statuses={status: counted[status] for status in Status},
        reinforce=[
            LearnerReinforcement.model_validate(
                {
                    **standing_fields(facts.objectives[each.record.objective_id], each),
                    "reasons": [ReasonView.of(reason) for reason in reasons],
                }
            )
            for each, reasons in sorted(weak, key=lambda pair: pair[0].now.estimate)
        ],
        open_homework=[
            homework_view(each, dict(facts.objectives), facts.now)
            for each in facts.homework
            if each.person_id == person.id
        ],
    )


def _group(facts: BriefingFacts) -> GroupBriefing:
    return GroupBriefing(
        learners=len(facts.learners),
        reinforce=_group_reinforcement(facts),
        open_homework=_group_homework(facts),
        next=_next(facts),
    )


def _group_reinforcement(facts: BriefingFacts) -> list[GroupReinforcement]:
    """Return what learners need again, what most of them need first."""
    people = {person.id: person for person in facts.learners}
    needing: defaultdict[str, list[str]] = defaultdict(list)
    reasons: defaultdict[str, Counter[ReasonKind]] = defaultdict(Counter)
    for each in facts.estimates:
        found = reasons_for(each)
        if found and each.record.person_id in people:
            needing[each.record.objective_id].append(each.record.person_id)
            reasons[each.record.objective_id].update(reason.kind for reason in found)
    return [
        GroupReinforcement(
            objective=ObjectiveName.of(facts.objectives[objective_id]),
            learners=[_name(people[each]) for each in who],
            of=len(people),
            reasons=dict(reasons[objective_id]),
            needed_for=[
                ObjectiveName.of(each)
                for each in facts.curriculum
                if objective_id in each.prerequisites
            ],
        )
        for objective_id, who in sorted(needing.items(), key=lambda item: -len(item[1]))
        if objective_id in facts.objectives
    ]


def _group_homework(facts: BriefingFacts) -> list[GroupHomework]:
    people = {person.id: person for person in facts.learners}
    grouped: defaultdict[str, list[Homework]] = defaultdict(list)
    for each in facts.homework:
        grouped[each.homework_id].append(each)
    return [
        GroupHomework(
            homework_id=homework_id,
            title=group[0].title,
            due_at=group[0].due_at,
            open_for=[_name(people[each.person_id]) for each in group],
        )
        for homework_id, group in grouped.items()
    ]


def _next(facts: BriefingFacts) -> list[ObjectiveName]:
    """Return objectives that are new to everybody and that nothing known stands in the way of."""
    begun = {each.record.objective_id for each in facts.estimates}
    needs = {each.id: each.prerequisites for each in facts.curriculum}
    ready = []
    containers = {each.parent_id for each in facts.curriculum}
    statuses = {
        each.record.objective_id: Status.NEEDS_REINFORCEMENT
        for each in facts.estimates
        if reasons_for(each)
    }
    for objective in facts.curriculum:
        if objective.id in begun or objective.id in containers:
            continue
        untaught = [each for each in objective.prerequisites if each not in begun]
        if not untaught and not weak_prerequisites(objective.id, needs, statuses):
            ready.append(ObjectiveName.of(objective))
    return ready[:NEXT_OBJECTIVES]


def _name(person: Person) -> LearnerName:
    return LearnerName(id=person.id, name=person.name)
