"""Contests of what is inferred about a learner, by the learner or by a guardian of theirs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from lessons.errors import (
    Conflict,
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.events import EngagementContested, EventDraft, parse_posted
from lessons.identifiers import new_id
from lessons.policy import Access, Action, Condition, Resource
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/engagement",
    tags=["engagement"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class NewContest(RequestModel):
    """What is not so: the ids of signals, profiles or hints, or a span of the lesson."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "contest-1",
                    "signal_ids": ["signal:par_01kb9x5t7v0000000000000000:65000"],
                    "remark": "She was writing on paper.",
                }
            ]
        }
    )

    id: str | None = Field(
        default=None, max_length=200, description="To repeat it safely; a fresh one if left out"
    )
    signal_ids: list[str] | None = None
    start_ms: int | None = Field(default=None, description="Start of the span, on the lesson clock")
    end_ms: int | None = Field(default=None, description="End of the span")
    remark: str | None = Field(default=None, description="In your own words")


@router.post("/learners/{participant_id}/contests", status_code=201, responses=documented(Conflict))
async def contest_engagement(
    lesson_id: str,
    participant_id: str,
    body: NewContest,
    caller: Caller,
    services: ServicesDependency,
) -> dict[str, Any]:
    """Say that something inferred about a learner is not so: the learner, or their guardian.

    The answer is the event `engagement.contested`. What it names counts in no aggregate until
    somebody who teaches has posted `engagement.reviewed`. The audit trail says who contested.
    """
    access = await authorize(
        services, caller, Action.CONTEST, Resource.ENGAGEMENT, lesson_id=lesson_id
    )
    if not access.covers(participant_id):
        raise NotAllowed(
            "What is inferred about a learner is contested by that learner or their guardian.",
            field="participant_id",
            fix="Name yourself, or a child whose guardian you are.",
        )
    await services.lessons.get_participant(caller.tenant_id, lesson_id, participant_id)
    draft = _draft_of(body, participant_id, access)
    (outcome,) = await services.ledger.append_each(caller.tenant_id, lesson_id, [draft])
    if isinstance(outcome, LecternError):
        raise outcome
    if outcome.created:
        services.fan_out.offer([outcome.event])
    return outcome.event.to_wire()


def _draft_of(body: NewContest, participant_id: str, access: Access) -> EventDraft:
    by = "guardian" if access.condition is Condition.OWN_CHILD else "learner"
    data = body.model_dump(exclude={"id"}, exclude_none=True)
    return parse_posted(
        {
            "id": body.id or new_id("evt"),
            "type": EngagementContested.type,
            "subject": participant_id,
            "data": data | {"contested_by": by},
        }
    )
