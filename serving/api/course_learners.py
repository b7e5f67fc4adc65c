"""The learners of a course at a glance: where each of them stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Resource
from models.mastery.reinforcement import Estimate, Status, status_of
from serving.learning.views import EXAMPLE_MODEL, LearnerName, MasteryModelView
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_LEARNERS = 100
MAX_HOMEWORK = 1000
EXAMPLE_LEARNER: JsonDict = {
    "learner": {"id": "per_01kb9x5t7v0000000000000000", "name": "Ada"},
    "statuses": {
        "mastered": 4,
        "developing": 2,
        "needs_reinforcement": 1,
        "not_enough_evidence": 3,
    },
    "open_homework": 1,
}

router = APIRouter(
    prefix="/v1/courses/{course_id}/learners",
    tags=["learners"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, NotFound, Unavailable),
)


class CourseLearner(BaseModel):
    """A learner of a course; `statuses` counts the objectives of the course's curriculum."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_LEARNER]})

    learner: LearnerName
    statuses: dict[Status, int]
    open_homework: int


class CourseLearnerPage(BaseModel):
    """Learners of a course; `next` is the `after` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"learners": [EXAMPLE_LEARNER], "model": EXAMPLE_MODEL, "next": None}]
        }
    )

    learners: list[CourseLearner]
    model: MasteryModelView
    next: str | None


@router.get("", response_model=CourseLearnerPage)
async def list_course_learners(
    course_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_LEARNERS)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> CourseLearnerPage:
    """List a course's learners with their standing; `GET /v1/learners/{id}/progress` has more."""
    await authorize(services, caller, Action.LIST, Resource.LEARNER_RECORD, course_id=course_id)
    course = await services.courses.get(caller.tenant_id, course_id)
    record = services.learning_record
    people = await record.history.learners_of_course(caller.tenant_id, course_id, limit, after)
    ids = [person.id for person in people]
    await services.disclosures.record(caller, "progress", person_ids=ids)
    estimates = await record.estimates(
        caller.tenant_id, ids, datetime.now(UTC), curriculum_id=course.curriculum_id
    )
    homework = await record.reader.homework(
        caller.tenant_id, ids, is_open=True, course_id=course_id, limit=MAX_HOMEWORK
    )
    statuses, still_open = _statuses(estimates), Counter(each.person_id for each in homework)
    return CourseLearnerPage(
        learners=[
            CourseLearner(
                learner=LearnerName(id=person.id, name=person.name),
                statuses={status: statuses[person.id][status] for status in Status},
                open_homework=still_open[person.id],
            )
            for person in people
        ],
        model=MasteryModelView.of(record.model.parameters),
        next=ids[-1] if len(ids) == limit else None,
    )


def _statuses(estimates: Sequence[Estimate]) -> defaultdict[str, Counter[Status]]:
    counted: defaultdict[str, Counter[Status]] = defaultdict(Counter)
    for each in estimates:
        counted[each.record.person_id][status_of(each)] += 1
    return counted
