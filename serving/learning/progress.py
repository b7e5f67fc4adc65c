"""One learner's progress over weeks: what a chart draws and a report prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.courses import Objective
from lessons.learning_record import WeekRow
from lessons.records import Person
from lessons.store.objectives import ObjectiveStore
from models.mastery.reinforcement import Estimate, Status, reasons_for, status_of
from models.mastery.tracing import monday_of
from serving.learning.estimates import LearningRecord
from serving.learning.views import (
    EXAMPLE_MASTERY,
    EXAMPLE_MODEL,
    EXAMPLE_REASON,
    EXAMPLE_STANDING,
    HomeworkView,
    LearnerName,
    MasteryModelView,
    MasteryView,
    ReasonView,
    StandingView,
    homework_view,
    mondays,
    standing_fields,
)

_EXAMPLE_WEEK: JsonDict = {"week": "2026-11-16", **EXAMPLE_MASTERY, "answers": 5}

OPEN_HOMEWORK = 50
"""Open homework shown with a learner's progress."""


class WeekPoint(MasteryView):
    """What was believed at the end of a week; `answers` were given in it.

    A week without answers has what was left by forgetting. The running week stands as of now.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_WEEK]})

    week: date = Field(description="The week's Monday (UTC)")
    answers: int


class ObjectiveProgress(StandingView):
    """A learner's record on an objective, week by week; weeks before the first answer are absent.

    `reasons` say why it needs reinforcement; they are empty where it does not.
    """

    reasons: list[ReasonView]
    weeks: list[WeekPoint]


class WeekLessons(BaseModel):
    """How many lessons the learner was in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"week": "2026-11-16", "lessons": 2}]}
    )

    week: date
    lessons: int


class Progress(BaseModel):
    """A learner's progress over weeks.

    `objectives` is a page; `next` is the `after` of the next page, null on the last. `statuses`
    counts the objectives of this page.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "learner": {"id": "per_01kb9x5t7v0000000000000000", "name": "Ada"},
                    "as_of": "2026-11-22T12:00:00Z",
                    "first_week": "2026-11-09",
                    "last_week": "2026-11-16",
                    "lessons_attended": [
                        {"week": "2026-11-09", "lessons": 1},
                        {"week": "2026-11-16", "lessons": 2},
                    ],
                    "statuses": {
                        "mastered": 0,
                        "developing": 0,
                        "needs_reinforcement": 1,
                        "not_enough_evidence": 0,
                    },
                    "objectives": [
                        EXAMPLE_STANDING | {"reasons": [EXAMPLE_REASON], "weeks": [_EXAMPLE_WEEK]}
                    ],
                    "open_homework": [],
                    "model": EXAMPLE_MODEL,
                    "next": None,
                }
            ]
        }
    )

    learner: LearnerName
    as_of: AwareDatetime
    first_week: date
    last_week: date
    lessons_attended: list[WeekLessons]
    statuses: dict[Status, int]
    objectives: list[ObjectiveProgress]
    open_homework: list[HomeworkView]
    model: MasteryModelView
    next: str | None


class ProgressReader:
    """Puts a learner's progress together.

    Args:
        record: the learner's record and the model.
        objectives: names of what is in it.
    """

    def __init__(self, record: LearningRecord, objectives: ObjectiveStore) -> None:
        self._record = record
        self._objectives = objectives

    async def read(
        self,
        person: Person,
        now: datetime,
        *,
        weeks: int,
        curriculum_id: str | None,
        after: str | None,
        limit: int,
    ) -> Progress:
        """Return the progress over the latest weeks, a page of objectives at a time.

        Raises:
            NotFound: there is no objective `after`.
        """
        last = monday_of(now)
        first = last - timedelta(weeks=weeks - 1)
        estimates = await self._record.estimates(
            person.tenant_id,
            [person.id],
            now,
            curriculum_id=curriculum_id,
            after=after,
            limit=limit,
        )
        homework = await self._record.reader.homework(
            person.tenant_id, [person.id], is_open=True, limit=OPEN_HOMEWORK
        )
        named = {each.record.objective_id for each in estimates}
        named |= {objective for each in homework for objective in each.objective_ids}
        objectives = {
            each.id: each for each in await self._objectives.get_many(person.tenant_id, named)
        }
        history = await self._record.weeks(person.tenant_id, person.id, named, first, last)
        return Progress(
            learner=LearnerName(id=person.id, name=person.name),
            as_of=now,
            first_week=first,
            last_week=last,
            lessons_attended=await self._attended(person, first, last),
            statuses=_statuses(estimates),
            objectives=[
                self._objective(
                    objectives[each.record.objective_id],
                    each,
                    history.get(each.record.objective_id, []),
                    mondays(first, last),
                    now,
                )
                for each in estimates
            ],
            open_homework=[homework_view(each, objectives, now) for each in homework],
            model=MasteryModelView.of(self._record.model.parameters),
            next=estimates[-1].record.objective_id if len(estimates) == limit else None,
        )

    async def _attended(self, person: Person, first: date, last: date) -> list[WeekLessons]:
        since = datetime.combine(first, time.min, UTC)
        seen = await self._record.history.lessons_attended(person.tenant_id, person.id, since)
        counted = Counter(monday_of(moment) for moment in seen)
        return [WeekLessons(week=week, lessons=counted[week]) for week in mondays(first, last)]

    def _objective(
        self,
        objective: Objective,
        estimate: Estimate,
        history: Sequence[WeekRow],
        weeks: Sequence[date],
        now: datetime,
    ) -> ObjectiveProgress:
        return ObjectiveProgress.model_validate(
            {
                **standing_fields(objective, estimate),
                "reasons": [ReasonView.of(each) for each in reasons_for(estimate)],
                "weeks": self._points(history, weeks, now) if estimate.answers else [],
            }
        )

    def _points(
        self, history: Sequence[WeekRow], weeks: Sequence[date], now: datetime
    ) -> list[WeekPoint]:
        """Return what was believed at the end of each week, from the first practice on."""
        latest = [(week, row) for week in weeks if (row := _latest(history, week))]
        ends = [
            min(now, datetime.combine(week + timedelta(weeks=1), time.min, UTC))
            for week, _ in latest
        ]
        masteries = self._record.model.masteries([row.knowledge for _, row in latest], ends)
        return [
            WeekPoint(
                week=week,
                answers=row.answers if row.week == week else 0,
                **MasteryView.of(mastery).model_dump(),
            )
            for (week, row), mastery in zip(latest, masteries, strict=True)
        ]


def _latest(history: Sequence[WeekRow], week: date) -> WeekRow | None:
    """Return the last week up to this one in which something was practised."""
    return next((row for row in reversed(history) if row.week <= week), None)


def _statuses(estimates: Sequence[Estimate]) -> dict[Status, int]:
    counted = Counter(status_of(each) for each in estimates)
    return {status: counted[status] for status in Status}
