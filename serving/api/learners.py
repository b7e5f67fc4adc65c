"""Learners: their progress over weeks, the evidence behind it, and their homework."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Credential, Resource
from operations.reports.progress_report import progress_report_pdf
from serving.api.page_cursors import evidence_place, homework_place, page_cursor
from serving.learning.progress import Progress, ProgressReader
from serving.learning.report import report_of
from serving.learning.views import (
    EXAMPLE_EVIDENCE,
    EvidenceView,
    HomeworkView,
    homework_view,
)
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

MAX_WEEKS = 104
MAX_PAGE = 500
EXAMPLE_CURSOR = "WyIyMDI2LTExLTIyVDEwOjE1OjMwKzAwOjAwIiwgNDFd"

router = APIRouter(
    prefix="/v1/learners/{learner_id}",
    tags=["learners"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, NotFound, Unavailable),
)


class EvidencePage(BaseModel):
    """Evidence, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"evidence": [EXAMPLE_EVIDENCE], "next": EXAMPLE_CURSOR}]}
    )

    evidence: list[EvidenceView]
    next: str | None


class HomeworkPage(BaseModel):
    """Homework by when it is due; `next` is the `after` of the next page, null on the last."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"homework": [], "next": None}]})

    homework: list[HomeworkView]
    next: str | None


@router.get("/progress", response_model=Progress)
async def read_progress(
    learner_id: str,
    caller: Caller,
    services: ServicesDependency,
    weeks: Annotated[int, Query(ge=1, le=MAX_WEEKS, description="Weeks back from now")] = 12,
    course_id: Annotated[
        str | None, Query(description="Only objectives of this course's curriculum")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> Progress:
    """Read a learner's mastery of each objective, week by week, and why some need more work.

    `learner_id` is a person's id, the same across lessons.
    """
    await authorize(services, caller, Action.READ, Resource.LEARNER_RECORD, person_id=learner_id)
    return await _progress(services, caller, learner_id, weeks, course_id, after, limit)


async def _progress(
    services: Services,
    caller: Credential,
    learner_id: str,
    weeks: int,
    course_id: str | None,
    after: str | None = None,
    limit: int = MAX_PAGE,
) -> Progress:
    """Read a learner's progress, and write down that it is shown."""
    person = await services.learning_record.history.person(caller.tenant_id, learner_id)
    course = await services.courses.get(caller.tenant_id, course_id) if course_id else None
    await services.disclosures.record(caller, "progress", person_ids=[learner_id])
    return await ProgressReader(services.learning_record, services.objectives).read(
        person,
        datetime.now(UTC),
        weeks=weeks,
        curriculum_id=course.curriculum_id if course else None,
        after=after,
        limit=limit,
    )


@router.get(
    "/progress.pdf",
    response_class=Response,
    responses={
        200: {
            "description": "The report, in the tenant's brand.",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def download_report(
    learner_id: str,
    caller: Caller,
    services: ServicesDependency,
    weeks: Annotated[int, Query(ge=1, le=MAX_WEEKS, description="Weeks back from now")] = 12,
    course_id: Annotated[
        str | None, Query(description="Only objectives of this course's curriculum")
    ] = None,
) -> Response:
    """Download a learner's progress as a PDF, up to 500 objectives, for who may take it along."""
    await authorize(services, caller, Action.EXPORT, Resource.LEARNER_RECORD, person_id=learner_id)
    progress = await _progress(services, caller, learner_id, weeks, course_id)
    settings = await services.tenants.settings(caller.tenant_id)
    content = await asyncio.to_thread(progress_report_pdf, report_of(progress), settings.brand)
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="progress-{progress.last_week}.pdf"',
        },
    )


@router.get("/objectives/{objective_id}/evidence", response_model=EvidencePage)
async def read_evidence(
    learner_id: str,
    objective_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> EvidencePage:
    """Read what a learner's record on an objective rests on, newest first."""
    await authorize(services, caller, Action.READ, Resource.LEARNER_RECORD, person_id=learner_id)
    reader, history = services.learning_record.reader, services.learning_record.history
    await history.person(caller.tenant_id, learner_id)
    await services.objectives.get(caller.tenant_id, objective_id)
    await services.disclosures.record(caller, "evidence", person_ids=[learner_id])
    last = evidence_place(before, "before") if before else None
    found = await reader.evidence(caller.tenant_id, learner_id, objective_id, limit, last)
    following = None
    if len(found) == limit:
        following = page_cursor(found[-1].occurred_at, found[-1].sequence, found[-1].response)
    return EvidencePage(evidence=[EvidenceView.of(each) for each in found], next=following)


@router.get("/homework", response_model=HomeworkPage)
async def list_homework(
    learner_id: str,
    caller: Caller,
    services: ServicesDependency,
    is_open: Annotated[
        bool | None, Query(description="Only what is not done (true) or done (false)")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> HomeworkPage:
    """List a learner's homework across courses, by when it is due; what has no date comes last."""
    await authorize(services, caller, Action.READ, Resource.LEARNER_RECORD, person_id=learner_id)
    reader, history = services.learning_record.reader, services.learning_record.history
    await history.person(caller.tenant_id, learner_id)
    last = homework_place(after, "after") if after else None
    await services.disclosures.record(caller, "homework", person_ids=[learner_id])
    found = await reader.homework(
        caller.tenant_id, [learner_id], is_open=is_open, limit=limit, after=last
    )
    ids = {objective for each in found for objective in each.objective_ids}
    named = await services.objectives.get_many(caller.tenant_id, ids)
    objectives = {each.id: each for each in named}
    now = datetime.now(UTC)
    return HomeworkPage(
        homework=[homework_view(each, objectives, now) for each in found],
        next=page_cursor(found[-1].due_at, found[-1].homework_id) if len(found) == limit else None,
    )
