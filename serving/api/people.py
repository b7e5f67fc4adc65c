"""People: who they are across lessons, which roles they hold, and whose guardians they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Action, Resource
from lessons.records import Guardianship, Person, RoleAssignment
from lessons.roles import Role
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

MAX_PAGE_PEOPLE = 200
EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
EXAMPLE_PERSON: JsonDict = {
    "id": "per_01kb9x5t7v0000000000000000",
    "tenant_id": "ten_default",
    "name": "Ada",
    "external_id": "platform-user-17",
    "email": "ada@hill.example",
    "created_at": "2026-11-22T10:00:00Z",
    "erased_at": None,
}
EXAMPLE_ROLE: JsonDict = {
    "id": "asg_01kb9x5t7v0000000000000000",
    "person_id": EXAMPLE_PERSON["id"],
    "role": "instructor",
    "course_id": None,
    "created_at": "2026-11-22T10:00:00Z",
}
EXAMPLE_GUARDIAN: JsonDict = {
    "guardian_id": "per_01kb9x5t7v0000000000000001",
    "child_id": EXAMPLE_PERSON["id"],
    "created_at": "2026-11-22T10:00:00Z",
}

router = APIRouter(
    prefix="/v1/people",
    tags=["people"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class NewPerson(RequestModel):
    """Somebody of the tenant; `external_id` is the platform's own name for them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Ada", "external_id": "platform-user-17", "email": "ada@hill.example"}
            ]
        }
    )

    name: str = Field(min_length=1, max_length=200)
    external_id: str | None = Field(default=None, min_length=1, max_length=300)
    email: str | None = Field(default=None, max_length=254, pattern=EMAIL_PATTERN)


class PersonChange(RequestModel):
    """What to change of a person; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada L."}]})

    name: str | None = Field(default=None, min_length=1, max_length=200)
    external_id: str | None = Field(default=None, min_length=1, max_length=300)
    email: str | None = Field(default=None, max_length=254, pattern=EMAIL_PATTERN)


class NewRole(RequestModel):
    """A role at the tenant's node and everything below, or in one course."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "instructor"}]})

    role: str = Field(description=f"One of: {', '.join(Role)}.")
    course_id: str | None = Field(default=None, max_length=100)


class NewGuardian(RequestModel):
    """The person who is to be the guardian."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"guardian_id": EXAMPLE_GUARDIAN["guardian_id"]}]}
    )

    guardian_id: str = Field(max_length=100)


class PersonView(Person):
    """Somebody across the lessons of a tenant."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_PERSON]})


class RoleView(RoleAssignment):
    """A role that a person holds at the tenant's node, or in one course."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_ROLE]})


class GuardianView(Guardianship):
    """Who sees what of a child, and consents for them."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_GUARDIAN]})


class PersonPage(BaseModel):
    """People, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"people": [EXAMPLE_PERSON], "next": None}]}
    )

    people: list[PersonView]
    next: str | None


class Roles(BaseModel):
    """The roles that a person holds now, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": [EXAMPLE_ROLE]}]})

    roles: list[RoleView]


class Guardians(BaseModel):
    """A person's guardians, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"guardians": [EXAMPLE_GUARDIAN]}]})

    guardians: list[GuardianView]


@router.post("", status_code=201, response_model=PersonView, responses=documented(Conflict))
async def create_person(body: NewPerson, caller: Caller, services: ServicesDependency) -> Person:
    """Add a person. Adding a participant with an `external_id` does so by itself."""
    await authorize(services, caller, Action.CREATE, Resource.MEMBER)
    return await services.people.create(caller.tenant_id, body.name, body.external_id, body.email)


@router.get("", response_model=PersonPage)
async def list_people(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_PEOPLE)] = 50,
    before: Annotated[
        str | None, Query(max_length=100, description="`next` of the page before")
    ] = None,
    external_id: Annotated[
        str | None, Query(max_length=300, description="Only the person of this `external_id`")
    ] = None,
) -> dict[str, object]:
    """List the tenant's people, newest first, or find one by the platform's own name for them."""
    await authorize(services, caller, Action.LIST, Resource.MEMBER)
    if external_id is not None:
        found = await services.people.find_by_external_id(caller.tenant_id, external_id)
        return {"people": [found] if found else [], "next": None}
    people = await services.people.list_people(caller.tenant_id, limit, before)
    return {"people": people, "next": people[-1].id if len(people) == limit else None}


@router.get("/{person_id}", response_model=PersonView, responses=documented(NotFound))
async def get_person(person_id: str, caller: Caller, services: ServicesDependency) -> Person:
    """Read who somebody is."""
    await authorize(services, caller, Action.READ, Resource.MEMBER, person_id=person_id)
    return await services.people.get(caller.tenant_id, person_id)


@router.patch("/{person_id}", response_model=PersonView, responses=documented(NotFound, Conflict))
async def change_person(
    person_id: str, body: PersonChange, caller: Caller, services: ServicesDependency
) -> Person:
    """Change a person's name, e-mail address or `external_id`."""
    await authorize(services, caller, Action.UPDATE, Resource.MEMBER, person_id=person_id)
    values = body.model_dump(exclude_none=True)
    return await services.people.change(caller.tenant_id, person_id, **values)


@router.get("/{person_id}/roles", response_model=Roles, responses=documented(NotFound))
async def list_roles(
    person_id: str, caller: Caller, services: ServicesDependency
) -> dict[str, object]:
    """List the roles that a person holds at the tenant's node or in its courses."""
    await authorize(services, caller, Action.READ, Resource.MEMBER, person_id=person_id)
    await services.people.get(caller.tenant_id, person_id)
    return {"roles": await services.people.assignments(caller.tenant_id, person_id)}


@router.post(
    "/{person_id}/roles", status_code=201, response_model=RoleView, responses=documented(NotFound)
)
async def assign_role(
    person_id: str, body: NewRole, caller: Caller, services: ServicesDependency
) -> RoleAssignment:
    """Give a person a role at the tenant's node, and so everywhere below, or in one course."""
    await authorize(services, caller, Action.UPDATE, Resource.MEMBER, person_id=person_id)
    return await services.people.assign(
        caller.tenant_id, person_id, Role.named(body.role), body.course_id
    )


@router.delete(
    "/{person_id}/roles/{assignment_id}", status_code=204, responses=documented(NotFound)
)
async def end_role(
    person_id: str, assignment_id: str, caller: Caller, services: ServicesDependency
) -> Response:
    """Take a role away. Requests are refused at once, open streams within 5 s."""
    await authorize(services, caller, Action.UPDATE, Resource.MEMBER, person_id=person_id)
    await services.people.end_assignment(caller.tenant_id, person_id, assignment_id)
    return Response(status_code=204)


@router.get("/{person_id}/guardians", response_model=Guardians, responses=documented(NotFound))
async def list_guardians(
    person_id: str, caller: Caller, services: ServicesDependency
) -> dict[str, object]:
    """List a person's guardians."""
    await authorize(services, caller, Action.READ, Resource.MEMBER, person_id=person_id)
    await services.people.get(caller.tenant_id, person_id)
    return {"guardians": await services.people.guardians(caller.tenant_id, person_id)}


@router.post(
    "/{person_id}/guardians",
    status_code=201,
    response_model=GuardianView,
    responses=documented(NotFound, Conflict),
)
async def add_guardian(
    person_id: str, body: NewGuardian, caller: Caller, services: ServicesDependency
) -> Guardianship:
    """Make somebody the guardian of this person: they see this child's part and nobody else's."""
    await authorize(services, caller, Action.UPDATE, Resource.MEMBER, person_id=person_id)
    return await services.people.add_guardian(caller.tenant_id, body.guardian_id, person_id)


@router.delete(
    "/{person_id}/guardians/{guardian_id}", status_code=204, responses=documented(NotFound)
)
async def end_guardian(
    person_id: str, guardian_id: str, caller: Caller, services: ServicesDependency
) -> Response:
    """End a guardianship."""
    await authorize(services, caller, Action.UPDATE, Resource.MEMBER, person_id=person_id)
    await services.people.end_guardian(caller.tenant_id, guardian_id, person_id)
    return Response(status_code=204)
