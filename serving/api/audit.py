"""The audit trail of a tenant: who did what; its verification and its checkpoints."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Resource
from lessons.store.audit import AuditRecord
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_ENTRIES = 500
EXAMPLE_ENTRY: JsonDict = {
    "position": 41,
    "recorded_at": "2026-11-22T10:15:30Z",
    "actor": "key_01kb9x5t7v0000000000000000",
    "action": "erase",
    "resource": "person per_01kb9x5t7v0000000000000000",
    "detail": {"events": 112},
    "hash": "9b0f7c1d5a3e" + "0" * 52,
}

router = APIRouter(
    prefix="/v1/audit",
    tags=["audit"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class AuditEntryView(AuditRecord):
    """One entry; its hash covers it and the hash of the entry before."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ENTRY]})


class AuditPage(BaseModel):
    """Entries, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"entries": [EXAMPLE_ENTRY], "next": None}]}
    )

    entries: list[AuditEntryView]
    next: int | None


class AuditFaultView(BaseModel):
    """One thing that is wrong with the trail, and where."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"position": 17, "problem": "missing: 17"}]}
    )

    position: int
    problem: str


class AuditVerification(BaseModel):
    """What a look through the whole trail has found."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"entries": 41, "intact": True, "faults": []}]}
    )

    entries: int
    intact: bool
    faults: list[AuditFaultView]


class AuditCheckpointView(BaseModel):
    """Where the trail ended at a moment, signed by this installation.

    Keep it outside: `lectern audit verify --checkpoint` shows whether the trail has been cut or
    made anew since.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "position": 41,
                    "hash": EXAMPLE_ENTRY["hash"],
                    "made_at": "2026-11-22T10:15:30Z",
                    "signature": "5f1c" + "0" * 60,
                }
            ]
        }
    )

    position: int
    hash: str = Field(description="SHA-256, hexadecimal")
    made_at: AwareDatetime
    signature: str = Field(description="HMAC-SHA-256 by the installation's master key")


@router.get("", response_model=AuditPage)
async def list_entries(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_ENTRIES)] = 50,
    before: Annotated[
        int | None, Query(ge=1, lt=2**63, description="`next` of the page before")
    ] = None,
) -> AuditPage:
    """Read the audit trail, newest entries first."""
    await authorize(services, caller, Action.LIST, Resource.AUDIT)
    page = await services.audit.list_entries(caller.tenant_id, limit, before)
    more = page[-1].position if len(page) == limit else None
    return AuditPage(entries=[AuditEntryView.model_validate(entry) for entry in page], next=more)


@router.get("/verification", response_model=AuditVerification)
async def verify_trail(caller: Caller, services: ServicesDependency) -> AuditVerification:
    """Recompute the whole chain: a changed byte, a missing row or another order shows."""
    await authorize(services, caller, Action.READ, Resource.AUDIT)
    verified = await services.audit.verify(caller.tenant_id)
    return AuditVerification(
        entries=verified.entries,
        intact=not verified.faults,
        faults=[
            AuditFaultView(position=fault.position, problem=fault.problem)
            for fault in verified.faults
        ],
    )


@router.post(
    "/checkpoints",
    status_code=201,
    response_model=AuditCheckpointView,
    responses=documented(NotFound),
)
async def make_checkpoint(caller: Caller, services: ServicesDependency) -> AuditCheckpointView:
    """Sign where the trail ends now; the jobs process does so by itself once a day."""
    await authorize(services, caller, Action.EXPORT, Resource.AUDIT)
    made = await services.audit.checkpoint(caller.tenant_id)
    if made is None:
        raise NotFound("The tenant's audit trail is empty.", field="tenant_id")
    return AuditCheckpointView(
        position=made.position,
        hash=made.hash.hex(),
        made_at=made.made_at,
        signature=made.signature.hex(),
    )
