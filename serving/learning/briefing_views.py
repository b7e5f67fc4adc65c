"""How a briefing goes on the wire."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic.config import JsonDict

from models.mastery.reinforcement import ReasonKind, Status
from serving.learning.continuity_views import (
    EXAMPLE_CONTRADICTION,
    EXAMPLE_PAST_SUMMARY,
    Contradiction,
    PastSummary,
)
from serving.learning.views import (
    EXAMPLE_EVIDENCE,
    EXAMPLE_MODEL,
    EXAMPLE_OBJECTIVE,
    EXAMPLE_REASON,
    EXAMPLE_STANDING,
    EvidenceView,
    HomeworkView,
    LearnerName,
    MasteryModelView,
    ObjectiveName,
    ReasonView,
    StandingView,
)

_EXAMPLE_LEARNER: JsonDict = {"id": "per_01kb9x5t7v0000000000000000", "name": "Ada"}


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
                    "summary": EXAMPLE_PAST_SUMMARY,
                }
            ]
        }
    )

    lesson_id: str
    title: str
    started_at: AwareDatetime | None
    attended: int
    covered: list[CoveredObjective]
    summary: PastSummary | None


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
    `contradictions` is where summaries and the record do not fit together.
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
                    "contradictions": [EXAMPLE_CONTRADICTION],
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
                            "reinforce": [EXAMPLE_STANDING | {"reasons": [EXAMPLE_REASON]}],
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
    contradictions: list[Contradiction]
    group: GroupBriefing
    learners: list[LearnerBriefing]
    model: MasteryModelView
