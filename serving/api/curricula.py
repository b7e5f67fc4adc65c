"""Curricula: made by hand, or imported as CASE 1.0 or CSV."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.courses import Curriculum, ImportReport
from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
    UnsupportedMedia,
)
from lessons.objectives import CurriculumDraft, read_case, read_csv
from lessons.policy import Action, Resource
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import TooLarge, documented
from serving.web.services import ServicesDependency

MAX_PAGE_CURRICULA = 200
CSV = "text/csv"
EXAMPLE_CURRICULUM: JsonDict = {
    "id": "cur_01kb9x5t7v0000000000000000",
    "tenant_id": "ten_default",
    "title": "Fractions",
    "external_id": "c9a1e7f0-7d4b-4b0e-9a53-0f3e0f1a2b3c",
    "created_at": "2026-09-01T08:00:00Z",
    "imported_at": "2026-09-01T08:00:00Z",
}
EXAMPLE_REPORT: JsonDict = {
    "curriculum": EXAMPLE_CURRICULUM,
    "created": 2,
    "changed": 0,
    "unchanged": 0,
    "retired": 0,
    "prerequisites": 1,
    "passed_over": {"isRelatedTo": 4},
}
EXAMPLE_CASE: dict[str, Any] = {
    "CFDocument": {
        "identifier": "c9a1e7f0-7d4b-4b0e-9a53-0f3e0f1a2b3c",
        "title": "Fractions",
    },
    "CFItems": [
        {
            "identifier": "1b0e6a52-21d5-4b7f-8f5a-6d0b7c1d2e01",
            "fullStatement": "Compare fractions",
            "humanCodingScheme": "fractions.compare",
        },
        {
            "identifier": "1b0e6a52-21d5-4b7f-8f5a-6d0b7c1d2e02",
            "fullStatement": "Add fractions with unlike denominators",
            "humanCodingScheme": "fractions.add",
        },
    ],
    "CFAssociations": [
        {
            "associationType": "precedes",
            "originNodeURI": {"identifier": "1b0e6a52-21d5-4b7f-8f5a-6d0b7c1d2e01"},
            "destinationNodeURI": {"identifier": "1b0e6a52-21d5-4b7f-8f5a-6d0b7c1d2e02"},
        }
    ],
}
EXAMPLE_CSV = (
    "code,statement,prerequisites\n"
    "fractions.compare,Compare fractions,\n"
    "fractions.add,Add fractions with unlike denominators,fractions.compare\n"
)

router = APIRouter(
    prefix="/v1/curricula",
    tags=["curricula"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, NotFound, Unavailable),
)


class NewCurriculum(RequestModel):
    """A curriculum to create, without objectives yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Fractions"}]})

    title: str = Field(min_length=1, max_length=300)


class CurriculumView(Curriculum):
    """A named set of objectives."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CURRICULUM]})


class CurriculumPage(BaseModel):
    """Curricula, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"curricula": [EXAMPLE_CURRICULUM], "next": EXAMPLE_CURRICULUM["id"]}]
        }
    )

    curricula: list[CurriculumView]
    next: str | None


class ImportReportView(ImportReport):
    """What an import did; `passed_over` counts what the file says besides and is not kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_REPORT]})

    curriculum: CurriculumView


@router.post("", status_code=201, response_model=CurriculumView)
async def create_curriculum(
    body: NewCurriculum, caller: Caller, services: ServicesDependency
) -> Curriculum:
    """Create an empty curriculum; its objectives follow one by one, or by import."""
    await authorize(services, caller, Action.CREATE, Resource.OBJECTIVE)
    return await services.curricula.create(caller.tenant_id, body.title)


@router.get("", response_model=CurriculumPage)
async def list_curricula(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_CURRICULA)] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, object]:
    """List the tenant's curricula, newest first."""
    await authorize(services, caller, Action.LIST, Resource.OBJECTIVE)
    curricula = await services.curricula.list_curricula(caller.tenant_id, limit, before)
    return {"curricula": curricula, "next": curricula[-1].id if len(curricula) == limit else None}


@router.get("/{curriculum_id}", response_model=CurriculumView)
async def get_curriculum(
    curriculum_id: str, caller: Caller, services: ServicesDependency
) -> Curriculum:
    """Read a curriculum."""
    await authorize(services, caller, Action.READ, Resource.OBJECTIVE)
    return await services.curricula.get(caller.tenant_id, curriculum_id)


@router.post(
    "/import/case",
    response_model=ImportReportView,
    responses=documented(Conflict, TooLarge),
)
async def import_case(
    body: Annotated[dict[str, Any], Body(examples=[EXAMPLE_CASE])],
    caller: Caller,
    services: ServicesDependency,
    curriculum_id: Annotated[
        str | None, Query(description="Import into this one; else by the document's identifier")
    ] = None,
) -> ImportReport:
    """Import a CASE 1.0 CFPackage, whole or not at all.

    `precedes` makes prerequisites, `isChildOf` the tree. The same document again changes what
    differs and keeps every learner's record; what it no longer has is retired.
    """
    await authorize(services, caller, Action.CREATE, Resource.OBJECTIVE)
    return await _import(services, caller, read_case(body), curriculum_id)


@router.post(
    "/import/csv",
    response_model=ImportReportView,
    responses=documented(Conflict, TooLarge, UnsupportedMedia),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CSV: {"schema": {"type": "string"}, "example": EXAMPLE_CSV}},
        }
    },
)
async def import_csv(
    request: Request,
    caller: Caller,
    services: ServicesDependency,
    curriculum_id: Annotated[
        str | None, Query(description="Import into this one; else into a new one")
    ] = None,
    title: Annotated[
        str | None, Query(min_length=1, max_length=300, description="Title of a new curriculum")
    ] = None,
) -> ImportReport:
    """Import a CSV file, whole or not at all: one objective per row.

    Columns: `code`, `statement`, and if wanted `prerequisites` (codes with `;` or `|` between
    them), `parent`, `kind` and `external_id`.
    """
    await authorize(services, caller, Action.CREATE, Resource.OBJECTIVE)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != CSV:
        raise UnsupportedMedia(
            f"The body is {media_type or 'of no stated type'}.",
            field="Content-Type",
            fix=f"Send the file as {CSV}.",
        )
    draft = read_csv(await request.body())
    if curriculum_id is None and title is None:
        raise InvalidInput(
            "It is required for a new curriculum.", field="title", fix="Send `?title=...`."
        )
    named = CurriculumDraft(title, draft.external_id, draft.objectives, draft.passed_over)
    return await _import(services, caller, named, curriculum_id)


async def _import(
    services: ServicesDependency,
    caller: Caller,
    draft: CurriculumDraft,
    curriculum_id: str | None,
) -> ImportReport:
    report = await services.curricula.import_draft(caller.tenant_id, draft, curriculum_id)
    await services.jobs.enqueue_learning_record(caller.tenant_id)
    return report
