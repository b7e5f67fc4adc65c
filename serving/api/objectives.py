"""Objectives: what is to be learnt, and what is needed before."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.courses import Objective
from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Action, Resource
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_OBJECTIVES = 1000
MAX_PREREQUISITES = 100
EXAMPLE_OBJECTIVE: JsonDict = {
    "id": "obj_01kb9x5t7v0000000000000001",
    "curriculum_id": "cur_01kb9x5t7v0000000000000000",
    "code": "fractions.add",
    "statement": "Add fractions with unlike denominators",
    "external_id": None,
    "kind": None,
    "parent_id": None,
    "position": 1,
    "prerequisites": ["obj_01kb9x5t7v0000000000000000"],
    "created_at": "2026-09-01T08:00:00Z",
    "retired_at": None,
}

router = APIRouter(
    prefix="/v1",
    tags=["objectives"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, NotFound, Unavailable),
)

Identifiers = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]],
    Field(max_length=MAX_PREREQUISITES, description="Ids of objectives of the same curriculum"),
]


class NewObjective(RequestModel):
    """An objective to add at the end of a curriculum; events may name it by its code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "fractions.add",
                    "statement": "Add fractions with unlike denominators",
                    "prerequisites": ["obj_01kb9x5t7v0000000000000000"],
                }
            ]
        }
    )

    code: str = Field(min_length=1, max_length=200)
    statement: str = Field(min_length=1, max_length=10_000)
    prerequisites: Identifiers = Field(default_factory=list)


class ObjectiveChange(RequestModel):
    """What to change of an objective; what is left out or null stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"prerequisites": ["obj_01kb9x5t7v0000000000000000"]}]}
    )

    statement: str | None = Field(default=None, min_length=1, max_length=10_000)
    prerequisites: Identifiers | None = None
    retired: bool | None = None


class ObjectiveView(Objective):
    """Something to be learnt."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_OBJECTIVE]})


class ObjectivePage(BaseModel):
    """Objectives in order; `next` is the `after` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"objectives": [EXAMPLE_OBJECTIVE], "next": EXAMPLE_OBJECTIVE["id"]}]
        }
    )

    objectives: list[ObjectiveView]
    next: str | None


@router.post(
    "/curricula/{curriculum_id}/objectives",
    status_code=201,
    response_model=ObjectiveView,
    responses=documented(Conflict),
)
async def add_objective(
    curriculum_id: str, body: NewObjective, caller: Caller, services: ServicesDependency
) -> Objective:
    """Add an objective to a curriculum."""
    await authorize(services, caller, Action.CREATE, Resource.OBJECTIVE)
    objective = await services.objectives.create(
        caller.tenant_id,
        curriculum_id,
        code=body.code,
        statement=body.statement,
        prerequisites=body.prerequisites,
    )
    await services.jobs.enqueue_learning_record(caller.tenant_id)
    return objective


@router.get("/curricula/{curriculum_id}/objectives", response_model=ObjectivePage)
async def list_objectives(
    curriculum_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_OBJECTIVES)] = 200,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> dict[str, object]:
    """List a curriculum's objectives in its order, retired ones included."""
    await authorize(services, caller, Action.LIST, Resource.OBJECTIVE)
    objectives = await services.objectives.list_objectives(
        caller.tenant_id, curriculum_id, limit, after
    )
    return {
        "objectives": objectives,
        "next": objectives[-1].id if len(objectives) == limit else None,
    }


@router.get("/objectives/{objective_id}", response_model=ObjectiveView)
async def get_objective(
    objective_id: str, caller: Caller, services: ServicesDependency
) -> Objective:
    """Read an objective."""
    await authorize(services, caller, Action.READ, Resource.OBJECTIVE)
    return await services.objectives.get(caller.tenant_id, objective_id)


@router.patch("/objectives/{objective_id}", response_model=ObjectiveView)
async def change_objective(
    objective_id: str, body: ObjectiveChange, caller: Caller, services: ServicesDependency
) -> Objective:
    """Change an objective. Prerequisites that go round in a circle are refused, naming it."""
    await authorize(services, caller, Action.UPDATE, Resource.OBJECTIVE)
    return await services.objectives.change(
        caller.tenant_id,
        objective_id,
        statement=body.statement,
        prerequisites=body.prerequisites,
        retired=body.retired,
    )
