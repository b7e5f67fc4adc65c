"""How far the summary of a lesson is: not due yet, being written, there, or never to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.events import LearningEvent, SummaryProgressed
from lessons.events.summaries import SummaryStage
from lessons.policy import Action, Resource
from lessons.records import Lesson, Record
from lessons.summary.standing import STANDING_TYPES, standing_summary
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

SummaryState = Literal[
    "lesson_not_ended", "switched_off", "waiting", "writing", "failed", "written"
]

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/summary",
    tags=["summaries"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class SummaryProgress(Record):
    """How far a lesson's summary is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"state": "writing", "version": 1, "stage": "reading", "share": 0.4}]
        }
    )

    state: SummaryState = Field(
        description="`waiting`: it is due and nobody has begun; `writing`: version 1, or one that "
        "replaces what is read now; `failed`: no summary came of the last attempt, and there is "
        "none; `switched_off`: the tenant wants no summaries, and there is none"
    )
    version: int | None = Field(
        description="The version that is being written, else the one that is read; null: none"
    )
    stage: SummaryStage | None = Field(description="What was done last; null: nothing yet")
    share: float | None = Field(description="Share of the work that is done; null: none begun")


@router.get("/progress")
async def read_summary_progress(
    lesson_id: str, caller: Caller, services: ServicesDependency
) -> SummaryProgress:
    """Read how far the lesson's summary is; those who teach get the same on the stream.

    It tells of nobody, so whoever may read the summary reads it, before there is one as well.
    """
    await authorize(services, caller, Action.READ, Resource.SUMMARY, lesson_id=lesson_id)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    settings = await services.tenants.settings(caller.tenant_id)
    types = (*STANDING_TYPES, SummaryProgressed.type)
    events = await services.ledger.read_all(caller.tenant_id, lesson_id, types)
    return progress_of(lesson, events, switched_on=settings.features.summaries)


def progress_of(
    lesson: Lesson, events: Sequence[LearningEvent], *, switched_on: bool
) -> SummaryProgress:
    """Return how far a summary is.

    Args:
        events: of `STANDING_TYPES` and `summary.progressed`, in the order of the ledger.
        switched_on: whether the tenant wants summaries.
    """
    told = [one.data for one in events if isinstance(one.data, SummaryProgressed)]
    newest = told[-1] if told else None
    standing = standing_summary(events)
    if newest is not None and newest.stage not in ("done", "failed"):
        return _progress("writing", newest.summary_version, newest)
    if standing is not None:
        return _progress("written", standing.version, newest)
    if not switched_on:
        return _progress("switched_off", None, None)
    if lesson.status != "ended":
        return _progress("lesson_not_ended", None, None)
    if newest is not None and newest.stage == "failed":
        return _progress("failed", None, newest)
    return _progress("waiting", None, None)


def _progress(
    state: SummaryState, version: int | None, told: SummaryProgressed | None
) -> SummaryProgress:
    return SummaryProgress(
        state=state,
        version=version,
        stage=told.stage if told else None,
        share=told.share if told else None,
    )
