"""A learner's progress in the words of the report that people keep."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.mastery.reinforcement import Status
from operations.reports.progress_report import (
    ChartPoint,
    ProgressReport,
    ReportedHomework,
    ReportedObjective,
)
from serving.learning.progress import ObjectiveProgress, Progress

STATUS_WORDS: Mapping[Status, str] = MappingProxyType(
    {
        Status.MASTERED: "mastered",
        Status.DEVELOPING: "developing",
        Status.NEEDS_REINFORCEMENT: "needs reinforcement",
        Status.NOT_ENOUGH_EVIDENCE: "not enough evidence",
    }
)


def report_of(progress: Progress) -> ProgressReport:
    """Return what the report says of a learner's progress."""
    model = progress.model
    return ProgressReport(
        learner=progress.learner.name,
        first_week=progress.first_week,
        last_week=progress.last_week,
        as_of=progress.as_of,
        lessons_attended=sum(week.lessons for week in progress.lessons_attended),
        statuses=[(words, progress.statuses[status]) for status, words in STATUS_WORDS.items()],
        objectives=[_objective(each) for each in progress.objectives],
        homework=[
            ReportedHomework(each.title or each.homework_id, each.due_at, each.overdue)
            for each in progress.open_homework
        ],
        model=f"{model.name}, version {model.version}; its parameters come from {model.data}.",
    )


def _objective(each: ObjectiveProgress) -> ReportedObjective:
    mastery = each.mastery
    return ReportedObjective(
        code=each.objective.code,
        statement=each.objective.statement,
        status=STATUS_WORDS[each.status],
        mastery=(mastery.estimate, mastery.low, mastery.high) if mastery else None,
        right=each.evidence_for,
        answers=each.answers,
        points=[
            ChartPoint(point.week, point.estimate, point.low, point.high) for point in each.weeks
        ],
        reasons=[reason.text for reason in each.reasons],
    )
