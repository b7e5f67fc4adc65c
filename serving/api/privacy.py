"""A person's rights: their whole record to take away, its erasure, and who has seen it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from starlette.concurrency import run_in_threadpool

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Credential, Resource
from lessons.privacy.holdings import HOLDINGS, Kept
from lessons.store.disclosures import Disclosure
from lessons.store.erasure import ErasureCheck, ErasureProof
from lessons.store.retention import types_kept
from operations.personal_record_page import personal_record_page
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.disclosing import ReadingPurpose
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

MAX_PAGE_DISCLOSURES = 200
EXAMPLE_PERSON = "per_01kb9x5t7v0000000000000000"
EXAMPLE_DISCLOSURE: JsonDict = {
    "id": "dis_01kb9x5t7v0000000000000000",
    "person_id": EXAMPLE_PERSON,
    "disclosed_at": "2026-11-22T10:15:30Z",
    "actor": "key_01kb9x5t7v0000000000000000",
    "role": "api key",
    "purpose": "the platform's own systems",
    "what": "captions",
    "lesson_id": "les_01kb9x5t7v0000000000000000",
}
EXAMPLE_PROOF: JsonDict = {
    "id": "ers_01kb9x5t7v0000000000000000",
    "person_id": EXAMPLE_PERSON,
    "erased_at": "2026-11-22T10:15:30Z",
    "erased_by": "key_01kb9x5t7v0000000000000000",
    "key_destroyed_at": "2026-11-22T10:15:30Z",
    "master_key_id": "5f0c1a2b3c4d5e6f",
    "sealed_events": 112,
    "events_in_the_open": 0,
    "sample": [
        {
            "event_id": "cap_01kb9x5t7v0000000000000000",
            "lesson_id": "les_01kb9x5t7v0000000000000000",
            "sha256": "9b0f7c1d5a3e" + "0" * 52,
        }
    ],
    "rows_deleted": {"objective_evidence": 40},
    "rows_overwritten": {"participants": 3, "people": 1},
    "stopped_tracks": [],
    "audit_position": 41,
}

router = APIRouter(
    prefix="/v1",
    tags=["privacy"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class RecordFormat(StrEnum):
    """Forms of a personal record: for computers, or for anybody to read."""

    JSON = "json"
    HTML = "html"


class DisclosureView(Disclosure):
    """One time that somebody saw the person's data."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_DISCLOSURE]})


class DisclosurePage(BaseModel):
    """Disclosures, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"disclosures": [EXAMPLE_DISCLOSURE], "next": None}]}
    )

    disclosures: list[DisclosureView]
    next: str | None


class ErasureProofView(ErasureProof):
    """What an erasure destroyed, and the digests of some ciphertexts that nobody can open."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PROOF]})


class ErasureState(BaseModel):
    """The proof of an erasure, and what a look at the store says about it now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "proof": EXAMPLE_PROOF,
                    "check": {
                        "key_is_destroyed": True,
                        "bodies_unchanged": 1,
                        "bodies_gone": 0,
                        "bodies_readable": 0,
                    },
                }
            ]
        }
    )

    proof: ErasureProofView
    check: ErasureCheck


class RetentionRule(BaseModel):
    """How long one kind of data is kept, what it reaches, and how far deletion has come."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "setting": "retention.captions_days",
                    "days": 365,
                    "event_types": ["caption.final", "caption.corrected"],
                    "tables": [],
                    "swept_until": "2025-11-22T03:17:00Z",
                }
            ]
        }
    )

    setting: str
    days: int | None = Field(description="Null: until it is erased")
    event_types: list[str]
    tables: list[str] = Field(description="What else it reaches")
    swept_until: AwareDatetime | None


class RetentionSchedule(BaseModel):
    """The tenant's retention, kind by kind; the settings themselves are the tenant's."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": []}]})

    rules: list[RetentionRule]


@router.get(
    "/people/{person_id}/export.{file_format}",
    response_class=Response,
    responses=documented(NotFound)
    | {
        200: {
            "description": "Everything that is held about the person.",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/html": {"schema": {"type": "string"}},
            },
        }
    },
)
async def export_person(
    person_id: str,
    file_format: RecordFormat,
    caller: Caller,
    services: ServicesDependency,
    purpose: ReadingPurpose = None,
) -> Response:
    """Take away a person's whole record: every event, estimate, decision and disclosure."""
    await authorize(services, caller, Action.EXPORT, Resource.PERSONAL_EXPORT, person_id=person_id)
    await services.people.get(caller.tenant_id, person_id)
    await services.disclosures.record(
        caller, "personal export", person_ids=[person_id], purpose=purpose
    )
    await services.audit.note(
        caller.tenant_id, caller.actor, "export", "person", person_id, {"format": file_format}
    )
    content, media_type = await _render(services, caller, person_id, file_format)
    name = f"{person_id}.{file_format}"
    return Response(
        content,
        media_type=media_type,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


@router.get(
    "/people/{person_id}/disclosures",
    response_model=DisclosurePage,
    responses=documented(NotFound),
)
async def list_disclosures(
    person_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_DISCLOSURES)] = 50,
    before: Annotated[
        str | None, Query(max_length=100, description="`next` of the page before")
    ] = None,
) -> DisclosurePage:
    """Read who has seen a person's data, what of it, when and why."""
    await authorize(services, caller, Action.LIST, Resource.DISCLOSURE, person_id=person_id)
    await services.people.get(caller.tenant_id, person_id)
    page = await services.disclosures.list_disclosures(caller.tenant_id, person_id, limit, before)
    return DisclosurePage(
        disclosures=[DisclosureView.model_validate(entry) for entry in page],
        next=page[-1].id if len(page) == limit else None,
    )


@router.post(
    "/people/{person_id}/erasure",
    response_model=ErasureProofView,
    responses=documented(NotFound),
)
async def erase_person(
    person_id: str, caller: Caller, services: ServicesDependency
) -> ErasureProof:
    """Erase a person for good: the key of their record is destroyed. There is no way back.

    Whatever they publish ends at once; what names them is overwritten; the proof stays. Doing it
    again gives the same proof.
    """
    await authorize(services, caller, Action.ERASE, Resource.MEMBER, person_id=person_id)
    return await services.erasures.erase(caller.tenant_id, person_id, caller.actor)


@router.get(
    "/people/{person_id}/erasure", response_model=ErasureState, responses=documented(NotFound)
)
async def read_erasure(
    person_id: str, caller: Caller, services: ServicesDependency
) -> ErasureState:
    """Read the proof of an erasure, and look whether it still holds."""
    await authorize(services, caller, Action.ERASE, Resource.MEMBER, person_id=person_id)
    proof = await services.erasures.get_proof(caller.tenant_id, person_id)
    return ErasureState(
        proof=ErasureProofView.model_validate(proof),
        check=await services.erasures.check(caller.tenant_id, proof),
    )


@router.get("/retention", response_model=RetentionSchedule)
async def read_retention(caller: Caller, services: ServicesDependency) -> RetentionSchedule:
    """Read how long each kind of data is kept, what that reaches, and how far deletion has come."""
    await authorize(services, caller, Action.READ, Resource.RETENTION)
    settings = (await services.tenants.settings(caller.tenant_id)).retention
    marks = {mark.kind: mark for mark in await services.retention.marks(caller.tenant_id)}
    return RetentionSchedule(
        rules=[
            RetentionRule(
                setting=f"retention.{kept}",
                days=getattr(settings, kept),
                event_types=types_kept(kept),
                tables=[name for name, holding in HOLDINGS.items() if holding.kept is kept],
                swept_until=marks[kept].swept_until if kept in marks else None,
            )
            for kept in Kept
        ]
    )


async def _render(
    services: Services, caller: Credential, person_id: str, file_format: RecordFormat
) -> tuple[str, str]:
    record = await services.personal_records.gather(caller.tenant_id, person_id)
    if file_format is RecordFormat.JSON:
        return await run_in_threadpool(record.model_dump_json, indent=2), "application/json"
    brand = (await services.tenants.settings(caller.tenant_id)).brand
    return await run_in_threadpool(personal_record_page, record, brand), "text/html"
