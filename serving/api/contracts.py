"""Contracts with institutional clients: for which purposes, and for how long."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Condition, Resource
from lessons.records import Contract
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_CONTRACTS = 200
EXAMPLE_CONTRACT: JsonDict = {
    "id": "ctr_01kb9x5t7v0000000000000000",
    "title": "Reading support 2026-27",
    "client_person_id": "per_01kb9x5t7v0000000000000000",
    "purposes": ["attendance", "progress"],
    "valid_from": "2026-09-01",
    "valid_until": "2027-07-31",
    "created_at": "2026-08-22T10:00:00Z",
}

router = APIRouter(
    prefix="/v1/contracts",
    tags=["contracts"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class NewContract(RequestModel):
    """What is agreed with a client; both days count."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Reading support 2026-27",
                    "purposes": ["attendance", "progress"],
                    "valid_from": "2026-09-01",
                    "valid_until": "2027-07-31",
                }
            ]
        }
    )

    title: str = Field(min_length=1, max_length=300)
    purposes: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        min_length=1, max_length=50
    )
    valid_from: date
    valid_until: date | None = None
    client_person_id: str | None = Field(
        default=None, max_length=100, description="The person who signs in for the client"
    )


class ContractEnd(RequestModel):
    """The last day on which the contract is good."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"valid_until": "2027-07-31"}]})

    valid_until: date


class ContractView(Contract):
    """What an institutional client has agreed with the tenant, and until when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CONTRACT]})


class ContractPage(BaseModel):
    """Contracts, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"contracts": [EXAMPLE_CONTRACT], "next": None}]}
    )

    contracts: list[ContractView]
    next: str | None


@router.post("", status_code=201, response_model=ContractView)
async def create_contract(
    body: NewContract, caller: Caller, services: ServicesDependency
) -> Contract:
    """Store a contract. Its client sees it, and aggregates under it, while it is in force."""
    await authorize(services, caller, Action.CREATE, Resource.CONTRACT)
    return await services.contracts.create(
        caller.tenant_id,
        title=body.title,
        purposes=body.purposes,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        client_person_id=body.client_person_id,
    )


@router.get("", response_model=ContractPage)
async def list_contracts(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_CONTRACTS)] = 50,
    before: Annotated[
        str | None, Query(max_length=100, description="`next` of the page before")
    ] = None,
) -> dict[str, object]:
    """List contracts, newest first; a client's own."""
    access = await authorize(
        services, caller, Action.LIST, Resource.CONTRACT, person_id=caller.person_id
    )
    client = caller.person_id if access.condition is Condition.OWN_DATA else None
    found = await services.contracts.list_contracts(caller.tenant_id, limit, before, client)
    return {"contracts": found, "next": found[-1].id if len(found) == limit else None}


@router.get("/{contract_id}", response_model=ContractView)
async def get_contract(contract_id: str, caller: Caller, services: ServicesDependency) -> Contract:
    """Read a contract."""
    await authorize(services, caller, Action.READ, Resource.CONTRACT, contract_id=contract_id)
    return await services.contracts.get(caller.tenant_id, contract_id)


@router.patch("/{contract_id}", response_model=ContractView)
async def end_contract(
    contract_id: str, body: ContractEnd, caller: Caller, services: ServicesDependency
) -> Contract:
    """Set the last day of a contract. What its client may see ends with that day (UTC)."""
    await authorize(services, caller, Action.UPDATE, Resource.CONTRACT, contract_id=contract_id)
    return await services.contracts.end(caller.tenant_id, contract_id, body.valid_until)
