"""Guardian recaps: read, edited, approved and held by who teaches, and shown to guardians."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Access, Action, Credential, Resource
from lessons.recaps.record import Recap
from lessons.store.recaps import RecapStore
from operations.recaps.page import RecapPage
from serving.recaps.deciding import RecapDecisions, recap_of
from serving.recaps.delivery import page_of
from serving.recaps.standing import LessonRecaps, RecapStanding
from serving.recaps.views import (
    LessonRecapsView,
    RecapApproval,
    RecapEdit,
    RecapEntries,
    RecapEntry,
    RecapHold,
    RecapPageView,
    RecapView,
)
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.disclosing import ReadingPurpose
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

MAX_PAGE = 100
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The page is self-contained: its style stands in it, and nothing is loaded or run."""

_PROBLEMS = documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable)

router = APIRouter(prefix="/v1", tags=["recaps"], responses=_PROBLEMS)


@router.get("/lessons/{lesson_id}/recaps", response_model=LessonRecapsView)
async def list_recaps(
    lesson_id: str, caller: Caller, services: ServicesDependency, purpose: ReadingPurpose = None
) -> LessonRecapsView:
    """List the recaps of a lesson for who teaches: what they say, how they stand, who got them."""
    await authorize(services, caller, Action.LIST, Resource.RECAP, lesson_id=lesson_id)
    found = await RecapStanding(services.database).read(caller.tenant_id, lesson_id)
    recaps = [one for one in found.recaps.all() if one.participant_id in found.participants]
    await services.disclosures.record(
        caller,
        "recap",
        lesson_id=lesson_id,
        participant_ids=[one.participant_id for one in recaps],
        purpose=purpose,
    )
    return LessonRecapsView(
        recaps=[RecapView.of(found, one) for one in recaps],
        without=[one.name for one in found.learners if found.about(one.id) is None],
    )


@router.put(
    "/lessons/{lesson_id}/recaps/{participant_id}",
    response_model=RecapView,
    responses=documented(Conflict),
)
async def edit_recap(
    lesson_id: str,
    participant_id: str,
    body: RecapEdit,
    caller: Caller,
    services: ServicesDependency,
) -> RecapView:
    """Change what a recap says. It is a draft then, to be approved; another learner's name is not
    taken.
    """
    await authorize(services, caller, Action.UPDATE, Resource.RECAP, lesson_id=lesson_id)
    found, recap = await _recap(services, caller, lesson_id, participant_id)
    decisions = _decisions(services)
    after = await decisions.edit(found, recap, body.version, body.content, caller.actor)
    return RecapView.of(after, recap_of(after, participant_id))


@router.post(
    "/lessons/{lesson_id}/recaps/{participant_id}/approve",
    response_model=RecapView,
    responses=documented(Conflict),
)
async def approve_recap(
    lesson_id: str,
    participant_id: str,
    body: RecapApproval,
    caller: Caller,
    services: ServicesDependency,
) -> RecapView:
    """Approve a version: guardians may read it from now on, and get it by e-mail."""
    await authorize(services, caller, Action.APPROVE, Resource.RECAP, lesson_id=lesson_id)
    found, recap = await _recap(services, caller, lesson_id, participant_id)
    after = await _decisions(services).approve(found, recap, body.version, caller.actor)
    await services.jobs.wake_recaps(caller.tenant_id, lesson_id)
    return RecapView.of(after, recap_of(after, participant_id))


@router.post(
    "/lessons/{lesson_id}/recaps/{participant_id}/hold",
    response_model=RecapView,
    responses=documented(Conflict),
)
async def hold_recap(
    lesson_id: str,
    participant_id: str,
    body: RecapHold,
    caller: Caller,
    services: ServicesDependency,
) -> RecapView:
    """Hold a recap: it goes to nobody, and one that was approved is taken off its page."""
    await authorize(services, caller, Action.UPDATE, Resource.RECAP, lesson_id=lesson_id)
    found, recap = await _recap(services, caller, lesson_id, participant_id)
    decisions = _decisions(services)
    after = await decisions.hold(found, recap, body.version, body.remark, caller.actor)
    return RecapView.of(after, recap_of(after, participant_id))


@router.get("/lessons/{lesson_id}/recaps/{participant_id}/page", response_model=RecapPageView)
async def read_recap(
    lesson_id: str,
    participant_id: str,
    caller: Caller,
    services: ServicesDependency,
    purpose: ReadingPurpose = None,
) -> RecapPageView:
    """Read a recap as guardians do. They and the child see it once it is approved; who teaches sees
    it before.
    """
    page = await _page(services, caller, lesson_id, participant_id, purpose)
    return RecapPageView.of(lesson_id, participant_id, page)


@router.get(
    "/lessons/{lesson_id}/recaps/{participant_id}/page.html",
    response_class=HTMLResponse,
    responses={200: {"description": "The page in the tenant's brand, to be kept or printed."}},
)
async def download_recap(
    lesson_id: str,
    participant_id: str,
    caller: Caller,
    services: ServicesDependency,
    purpose: ReadingPurpose = None,
) -> HTMLResponse:
    """Read the same as an HTML page of its own, labelled for machines as well."""
    page = await _page(services, caller, lesson_id, participant_id, purpose)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": PAGE_POLICY}
    return HTMLResponse(await asyncio.to_thread(page.html), headers=headers)


@router.get("/learners/{learner_id}/recaps", response_model=RecapEntries)
async def list_learner_recaps(
    learner_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Lessons to look at")] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> RecapEntries:
    """List the approved recaps about a learner, newest lesson first. `learner_id` is a person's."""
    await authorize(services, caller, Action.READ, Resource.RECAP, person_id=learner_id)
    person = await services.learning_record.history.person(caller.tenant_id, learner_id)
    await services.disclosures.record(caller, "recap", person_ids=[learner_id])
    store = RecapStore(services.database)
    found = await store.about(caller.tenant_id, learner_id, limit, before)
    approved = [(one, recap) for one, recap in found if recap and recap.status == "approved"]
    return RecapEntries(
        child=person.name,
        recaps=[RecapEntry.of(lesson, recap) for lesson, recap in approved],
        next=found[-1][0].id if len(found) == limit else None,
    )


async def _page(
    services: Services,
    caller: Credential,
    lesson_id: str,
    participant_id: str,
    purpose: str | None,
) -> RecapPage:
    """Return the page for who may read it, and write down that it is shown."""
    access = await authorize(services, caller, Action.READ, Resource.RECAP, lesson_id=lesson_id)
    if not access.covers(participant_id):
        raise NotAllowed(
            "A recap is for the child's own guardians and for those who teach.",
            field="participant_id",
        )
    found, recap = await _recap(services, caller, lesson_id, participant_id)
    _require_shown(found, recap, access)
    await services.disclosures.record(
        caller, "recap", lesson_id=lesson_id, participant_ids=[participant_id], purpose=purpose
    )
    settings = await services.tenants.settings(caller.tenant_id)
    return page_of(found, recap, settings.brand)


def _require_shown(found: LessonRecaps, recap: Recap, access: Access) -> None:
    """Raise NotFound for whoever reads approved ones only; consent counts as it is now."""
    if access.subjects is None:
        return
    if recap.status != "approved" or not found.is_permitted(recap.participant_id):
        raise NotFound(
            "There is no page about this lesson now.",
            field="participant_id",
            fix="The school may still be working on it.",
        )


async def _recap(
    services: Services, caller: Credential, lesson_id: str, participant_id: str
) -> tuple[LessonRecaps, Recap]:
    found = await RecapStanding(services.database).read(caller.tenant_id, lesson_id)
    return found, recap_of(found, participant_id)


def _decisions(services: Services) -> RecapDecisions:
    return RecapDecisions(RecapStanding(services.database), services.ledger)
