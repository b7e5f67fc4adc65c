"""What a lesson's events say about its learners and their objectives, event by event.

The rules: a first answer without help is evidence, with its share of the points as outcome. Further
tries and answers after hints are practice: an opportunity to learn that proves nothing. A mark
takes the place of the answer that it marks. What was covered counts for those who were there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import AwareDatetime

from lessons.events import (
    AssessmentGraded,
    AssessmentItem,
    AssessmentItemAnswered,
    AssessmentSubmitted,
    HomeworkAssigned,
    HomeworkCompleted,
    LearningEvent,
    LessonPlanItemCompleted,
    LessonPlanItemStarted,
    MilestoneReached,
    ObjectiveCovered,
    ParticipantJoined,
    PollAnswered,
    PollOpened,
)
from lessons.records import Participant
from lessons.roles import Role

EvidenceKind = Literal["answer", "practice", "covered", "milestone"]

CONTEXT_TYPES = (PollOpened.type, LessonPlanItemStarted.type)
"""Types that later events of a lesson refer to; a reader that resumes has to see them again."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """A participant's first event in the lesson."""

    participant_id: str
    event: LearningEvent


@dataclass(frozen=True, slots=True)
class EvidenceDraft:
    """What an event says about one learner and one objective.

    Attributes:
        objective: the objective as the event names it.
        response: names what was answered or covered, once per lesson and learner.
        outcome: 0..1 of the points; of an answer only.
        detail: what there is to say of it in a word or two.
    """

    participant_id: str
    objective: str
    kind: EvidenceKind
    response: str
    event: LearningEvent
    outcome: float | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class HomeworkSet:
    """Homework that a learner got."""

    participant_id: str
    homework_id: str
    title: str
    objectives: tuple[str, ...]
    due_at: AwareDatetime | None
    event: LearningEvent


@dataclass(frozen=True, slots=True)
class HomeworkDone:
    """Homework that a learner did; `outcome` is 0..1 of the points, None where it is not marked."""

    participant_id: str
    homework_id: str
    outcome: float | None
    event: LearningEvent


Finding = Attendance | EvidenceDraft | HomeworkSet | HomeworkDone


@dataclass(slots=True)
class LessonReader:
    """Reads the events of one lesson in their order.

    Attributes:
        participants: who is in the lesson, by participant id.
        present: participants who have been seen in it so far.
    """

    participants: Mapping[str, Participant]
    present: set[str] = field(default_factory=set)
    _polls: dict[str, PollOpened] = field(default_factory=dict)
    _plan: dict[str, LessonPlanItemStarted] = field(default_factory=dict)

    def recall(self, event: LearningEvent) -> None:
        """Take in an earlier event of `CONTEXT_TYPES` without finding anything in it again."""
        if isinstance(event.data, PollOpened):
            self._polls[event.data.poll_id] = event.data
        elif isinstance(event.data, LessonPlanItemStarted):
            self._plan[event.data.item_id] = event.data

    def read(self, event: LearningEvent) -> Iterator[Finding]:
        """Yield what the event says; most say nothing."""
        self.recall(event)
        yield from self._arrivals(event)
        data, subject = event.data, event.subject
        if isinstance(data, ObjectiveCovered):
            yield from self._covered(
                [data.objective_id], f"covered/{event.id}", data.participant_ids, event, data.how
            )
        elif isinstance(data, LessonPlanItemCompleted):
            if data.outcome == "done" and data.item_id in self._plan:
                objectives = self._plan[data.item_id].objective_ids
                yield from self._covered(objectives, f"plan/{data.item_id}", None, event, "planned")
        elif isinstance(data, HomeworkAssigned):
            yield from self._homework(data, event)
        elif subject is not None and subject in self.participants:
            yield from self._own(subject, event)

    def _arrivals(self, event: LearningEvent) -> Iterator[Attendance]:
        joined = event.data.participant_id if isinstance(event.data, ParticipantJoined) else None
        who = joined or event.subject
        if who is not None and who in self.participants and who not in self.present:
            self.present.add(who)
            yield Attendance(who, event)

    def _own(self, subject: str, event: LearningEvent) -> Iterator[Finding]:
        """Yield what a participant's own event says."""
        data = event.data
        if isinstance(data, AssessmentItemAnswered):
            yield from _item_answered(subject, data, event)
        elif isinstance(data, AssessmentSubmitted | AssessmentGraded):
            yield from _marked(subject, data, event)
        elif isinstance(data, PollAnswered):
            yield from self._poll_answered(subject, data, event)
        elif isinstance(data, MilestoneReached):
            if data.objective_id is not None:
                name = f"milestone/{data.milestone_id}"
                yield EvidenceDraft(
                    subject, data.objective_id, "milestone", name, event, detail=data.title
                )
        elif isinstance(data, HomeworkCompleted):
            outcome = _share(data.score, data.max_score)
            yield HomeworkDone(subject, data.homework_id, outcome, event)

    def _poll_answered(
        self, subject: str, data: PollAnswered, event: LearningEvent
    ) -> Iterator[EvidenceDraft]:
        poll = self._polls.get(data.poll_id)
        if poll is None or poll.objective_id is None or poll.correct_options is None:
            return
        right = set(data.options) == set(poll.correct_options)
        yield EvidenceDraft(
            subject, poll.objective_id, "answer", f"poll/{data.poll_id}", event, float(right)
        )

    def _covered(
        self,
        objectives: Sequence[str],
        response: str,
        named: Sequence[str] | None,
        event: LearningEvent,
        how: str,
    ) -> Iterator[EvidenceDraft]:
        for who in self._learners(named, self.present):
            for objective in objectives:
                yield EvidenceDraft(who, objective, "covered", response, event, detail=how)

    def _homework(self, data: HomeworkAssigned, event: LearningEvent) -> Iterator[HomeworkSet]:
        # Who missed the lesson has to do it all the same.
        for who in self._learners(data.participant_ids, self.participants):
            yield HomeworkSet(
                who, data.homework_id, data.title, tuple(data.objective_ids), data.due_at, event
            )

    def _learners(
        self, named: Sequence[str] | None, otherwise: set[str] | Mapping[str, Participant]
    ) -> list[str]:
        return sorted(
            who
            for who in (otherwise if named is None else named)
            if who in self.participants and self.participants[who].role is Role.LEARNER
        )


def _item_answered(
    subject: str, data: AssessmentItemAnswered, event: LearningEvent
) -> Iterator[EvidenceDraft]:
    if data.objective_id is None:
        return
    outcome = _share(data.score, data.max_score)
    if data.correct is not None and outcome is None:
        outcome = float(data.correct)
    unaided = data.attempt == 1 and data.hints == 0 and outcome is not None
    detail = "with hints" if data.hints else None if data.attempt == 1 else f"try {data.attempt}"
    yield EvidenceDraft(
        subject,
        data.objective_id,
        "answer" if unaided else "practice",
        _response(data.assessment_id, data.item_id, data.attempt),
        event,
        outcome if unaided else None,
        detail,
    )


def _marked(
    subject: str, data: AssessmentSubmitted | AssessmentGraded, event: LearningEvent
) -> Iterator[EvidenceDraft]:
    """Yield one piece of evidence per item, or one for the whole where it has no items."""
    for item in data.items:
        objective = item.objective_id or data.objective_id
        if objective is not None:
            yield _marked_item(subject, objective, item, data, event)
    outcome = _share(data.score, data.max_score)
    if not data.items and data.objective_id is not None and outcome is not None:
        yield EvidenceDraft(
            subject,
            data.objective_id,
            "answer",
            _response(data.assessment_id, "", data.attempt),
            event,
            outcome,
        )


def _marked_item(
    subject: str,
    objective: str,
    item: AssessmentItem,
    data: AssessmentSubmitted | AssessmentGraded,
    event: LearningEvent,
) -> EvidenceDraft:
    return EvidenceDraft(
        subject,
        objective,
        "answer",
        _response(data.assessment_id, item.item_id, data.attempt),
        event,
        _share(item.score, item.max_score),
    )


def _response(assessment_id: str | None, item_id: str, attempt: int) -> str:
    return f"answer/{assessment_id or ''}/{item_id}/{attempt}"


def _share(score: float | None, max_score: float | None) -> float | None:
    """Return the share of the points, 0..1; more points than there are count as all of them."""
    if score is None or max_score is None:
        return None
    return min(1.0, score / max_score)
