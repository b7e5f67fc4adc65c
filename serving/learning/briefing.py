"""The briefing of a lesson: what a tutor wants to know before it begins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lessons.courses import Course, Objective
from lessons.learning_record import Homework
from lessons.records import Lesson, Person
from lessons.store.course_history import Attended, Coverage
from models.mastery.reinforcement import (
    Estimate,
    ReasonKind,
    Status,
    reasons_for,
    status_of,
    weak_prerequisites,
)
from serving.learning.briefing_views import (
    Briefing,
    CourseName,
    CoveredObjective,
    GroupBriefing,
    GroupHomework,
    GroupReinforcement,
    LearnerBriefing,
    LearnerReinforcement,
    PastLesson,
)
from serving.learning.continuity import Summarised, contradictions, past_summary
from serving.learning.views import (
    EvidenceView,
    LearnerName,
    MasteryModelView,
    ObjectiveName,
    ReasonView,
    homework_view,
    standing_fields,
)

NEXT_OBJECTIVES = 5
"""Objectives that are proposed to come next."""


@dataclass(frozen=True, slots=True)
class BriefingFacts:
    """Everything that a briefing is put together from, as it was read.

    Attributes:
        curriculum: the course's objectives in their order, retired ones left out.
        objectives: those and all others that a record names, by id.
        summarised: the past lessons that have a summary, by lesson id.
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
    summarised: Mapping[str, Summarised]
    model: MasteryModelView

    @property
    def summarised_in_time(self) -> list[Summarised]:
        """The past lessons that have a summary, oldest first."""
        found = (self.summarised.get(each.lesson.id) for each in reversed(self.past))
        return [each for each in found if each is not None]


def briefing_of(facts: BriefingFacts) -> Briefing:
    """Put a briefing together; pure, so the same facts give the same briefing."""
    return Briefing(
        lesson_id=facts.lesson.id,
        title=facts.lesson.title,
        course=CourseName(id=facts.course.id, title=facts.course.title) if facts.course else None,
        as_of=facts.now,
        is_current=facts.is_current,
        last_lessons=[_past_lesson(facts, each) for each in facts.past],
        contradictions=contradictions(facts.summarised_in_time, facts.estimates, facts.objectives),
        group=_group(facts),
        learners=[_learner(facts, each) for each in facts.learners],
        model=facts.model,
    )


def _past_lesson(facts: BriefingFacts, past: Attended) -> PastLesson:
    told = facts.summarised.get(past.lesson.id)
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
        summary=past_summary(told, facts.objectives) if told else None,
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
