"""Aggregates for institutional clients: numbers by week and course, of at least 5 people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

from lessons.aggregates import WEEK, Aggregate, Purpose, shown, whole_weeks
from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Resource
from lessons.records import Contract
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_WEEKS = 53
DEFAULT_WEEKS = 12
EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)
EXAMPLE_AGGREGATE: JsonDict = {
    "tenant_id": "ten_default",
    "week": "2026-11-16",
    "course_id": "crs_01kb9x5t7v0000000000000000",
    "lessons": 4,
    "learners": 12,
    "attendances": 41,
    "minutes": 1790,
    "respondents": 11,
    "answers": 230,
    "share_correct": 0.71,
}

router = APIRouter(
    prefix="/v1",
    tags=["aggregates"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class AggregateView(Aggregate):
    """One course's numbers in one week; a null stands for fewer than 5 people."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_AGGREGATE]})


class Aggregates(BaseModel):
    """Numbers by week and course, oldest first, of the whole weeks from `first` to before `end`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"first": "2026-11-16", "end": "2026-11-23", "aggregates": [EXAMPLE_AGGREGATE]}
            ]
        }
    )

    first: date
    end: date
    aggregates: list[AggregateView]


@router.get("/aggregates", response_model=Aggregates)
async def get_aggregates(
    caller: Caller,
    services: ServicesDependency,
    first: Annotated[
        date | None,
        Query(ge=EARLIEST, le=LATEST, description="First day; by default 12 weeks before `last`"),
    ] = None,
    last: Annotated[
        date | None, Query(ge=EARLIEST, le=LATEST, description="Last day; by default today")
    ] = None,
    course_id: Annotated[str | None, Query(max_length=100)] = None,
    contract_id: Annotated[
        str | None, Query(max_length=100, description="The client's contract; a client needs one")
    ] = None,
) -> dict[str, object]:
    """Read numbers about lessons by week and course, of whole weeks that are over.

    No number is about fewer than 5 people. A client sees what the purposes of the contract name
    (`attendance`, `progress`), and no day outside of it.
    """
    await authorize(
        services,
        caller,
        Action.READ,
        Resource.AGGREGATE,
        course_id=course_id,
        contract_id=contract_id,
    )
    contract = contract_id and await services.contracts.get(caller.tenant_id, contract_id)
    begin, end = _weeks(first, last, contract or None)
    purposes = contract.purposes if contract else list(Purpose)
    found = await services.aggregates.by_week(caller.tenant_id, begin, end, course_id)
    return {"first": begin, "end": end, "aggregates": [shown(item, purposes) for item in found]}


def _weeks(first: date | None, last: date | None, contract: Contract | None) -> tuple[date, date]:
    """Return the whole weeks that were asked for, as far as the contract covers them.

    Raises:
        InvalidInput: they are out of order, or too many.
    """
    today = datetime.now(UTC).date()
    last = last or today
    first = first or last - DEFAULT_WEEKS * WEEK
    if first > last:
        raise InvalidInput("It lies after `last`.", field="first", fix="Swap the two.")
    if last - first > MAX_WEEKS * WEEK:
        raise InvalidInput(
            f"At most {MAX_WEEKS} weeks are read at once.", field="first", fix="Ask in parts."
        )
    if contract is not None:
        first = max(first, contract.valid_from)
        last = min(last, contract.valid_until or last)
    return whole_weeks(first, last, today)
