"""Aggregates: numbers about groups of people, never about fewer than five of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from lessons.records import Record

SMALLEST_GROUP = 5
"""People whose data must be in a number for it to be shown (k-anonymity: Sweeney 2002)."""

WEEK = timedelta(days=7)


class Purpose(StrEnum):
    """What a contract can be about, and so which numbers its client sees."""

    ATTENDANCE = "attendance"
    PROGRESS = "progress"


class Aggregate(Record):
    """One course's numbers in one week; a null stands for too few people, or another purpose.

    The groups are fixed: whole weeks that are over, and one course each. There are no totals and no
    other cuts, since the difference of two numbers could be about one person.

    Attributes:
        week: the Monday with which the week begins (UTC).
        course_id: None for lessons that belong to no course.
        learners: how many people learnt.
        attendances: how often one of them was in a lesson.
        minutes: how long, all of them together.
        respondents: how many people answered something that is right or wrong.
        share_correct: mean outcome of their answers, in 0..1.
    """

    tenant_id: str
    week: date
    course_id: str | None
    lessons: int | None
    learners: int | None
    attendances: int | None
    minutes: int | None
    respondents: int | None
    answers: int | None
    share_correct: float | None


_ATTENDANCE = ("lessons", "learners", "attendances", "minutes")
_PROGRESS = ("respondents", "answers", "share_correct")


def shown(aggregate: Aggregate, purposes: Collection[str]) -> Aggregate:
    """Return an aggregate without what is about too few people, or for another purpose."""
    few_learners = (aggregate.learners or 0) < SMALLEST_GROUP
    few_respondents = few_learners or (aggregate.respondents or 0) < SMALLEST_GROUP
    hidden: list[str] = []
    if few_learners or Purpose.ATTENDANCE not in purposes:
        hidden += _ATTENDANCE
    if few_respondents or Purpose.PROGRESS not in purposes:
        hidden += _PROGRESS
    return aggregate.model_copy(update=dict.fromkeys(hidden))


def whole_weeks(first: date, last: date, today: date) -> tuple[date, date]:
    """Return the Monday of the first whole week and the Monday after the last one.

    Only weeks that lie between the two days, both included, and that are over by today.
    """
    begin = first + timedelta(days=-first.weekday() % 7)
    end = min(last + timedelta(days=1), today)
    return begin, max(begin, end - timedelta(days=end.weekday()))
