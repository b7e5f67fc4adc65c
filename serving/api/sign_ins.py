"""Who the caller is, and the browsers in which somebody is signed in."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Credential, Resource
from lessons.roles import Role
from lessons.store.sign_ins import SignIn
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

EXAMPLE_SIGN_IN: JsonDict = {
    "id": "sgn_01kb9x5t7v0000000000000000",
    "person_id": "per_01kb9x5t7v0000000000000000",
    "created_at": "2026-11-22T10:00:00Z",
    "last_used_at": "2026-11-22T10:31:00Z",
    "expires_at": "2026-11-22T22:00:00Z",
    "ended_at": None,
    "current": True,
}

router = APIRouter(prefix="/v1", tags=["sign-in"], responses=documented(InvalidInput, Unavailable))


class CallerView(BaseModel):
    """Who the caller is to Lectern."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "person",
                    "tenant_id": "ten_default",
                    "home_tenant_id": "ten_default",
                    "id": "per_01kb9x5t7v0000000000000000",
                    "name": "Ada Lovelace",
                    "lesson_id": None,
                    "roles": [{"role": "administrator", "course_id": None}],
                    "scopes": None,
                    "expires_at": "2026-11-22T22:00:00Z",
                }
            ]
        }
    )

    kind: Literal["api_key", "participant", "person"]
    tenant_id: str = Field(description="The tenant acted on (`Lectern-Tenant`).")
    home_tenant_id: str = Field(description="The tenant in which the credential lives.")
    id: str
    name: str | None
    lesson_id: str | None
    roles: list[HeldRole]
    scopes: list[str] | None = Field(description="Of an API key; null: everything.")
    expires_at: AwareDatetime | None


class HeldRole(BaseModel):
    """A role that somebody holds: in a course, or (null) at the tenant and below."""

    role: Role
    course_id: str | None = None


class SignInView(SignIn):
    """A browser in which the caller is signed in."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_SIGN_IN]})

    current: bool = Field(description="Whether it is the one that asks.")


class SignInList(BaseModel):
    """The browsers in which the caller is signed in, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sign_ins": [EXAMPLE_SIGN_IN]}]})

    sign_ins: list[SignInView]


@router.get("/me", responses=documented(NotAuthenticated, NotAllowed, NotFound))
async def read_caller(caller: Caller, services: ServicesDependency) -> CallerView:
    """Tell who the caller is, in which tenant, and with which roles or scopes."""
    roles = []
    if caller.kind == "person":
        held = await services.people.assignments(caller.home_tenant_id, caller.person_id or "")
        roles = [HeldRole(role=one.role, course_id=one.course_id) for one in held]
    elif caller.lesson_id is not None and caller.participant_id is not None:
        now = await services.lessons.get_participant(
            caller.tenant_id, caller.lesson_id, caller.participant_id
        )
        roles = [HeldRole(role=now.role)]
    return CallerView(
        kind=caller.kind,
        tenant_id=caller.tenant_id,
        home_tenant_id=caller.home_tenant_id,
        id=caller.actor,
        name=caller.name,
        lesson_id=caller.lesson_id,
        roles=roles,
        scopes=None if caller.scopes is None else sorted(caller.scopes),
        expires_at=caller.expires_at,
    )


@router.get("/me/sign-ins", responses=documented(NotAuthenticated, NotAllowed))
async def list_own_sign_ins(caller: Caller, services: ServicesDependency) -> SignInList:
    """List the browsers in which the caller is signed in."""
    person_id, own_id = signed_in_person(caller)
    current = await services.sign_ins.list_current(caller.home_tenant_id, person_id)
    views = [SignInView(**one.model_dump(), current=one.id == own_id) for one in current]
    return SignInList(sign_ins=views)


@router.delete(
    "/me/sign-ins/{sign_in_id}",
    status_code=204,
    responses=documented(NotAuthenticated, NotAllowed, NotFound),
)
async def end_own_sign_in(
    sign_in_id: str, caller: Caller, services: ServicesDependency
) -> Response:
    """Sign the caller out in one browser, such as one that was left behind."""
    person_id, _ = signed_in_person(caller)
    await services.sign_ins.end(caller.home_tenant_id, person_id, sign_in_id)
    await note_sign_out(services, caller, sign_in_id)
    return Response(status_code=204)


@router.delete(
    "/people/{person_id}/sign-ins",
    status_code=204,
    responses=documented(NotAuthenticated, NotAllowed, NotFound),
)
async def end_sign_ins(person_id: str, caller: Caller, services: ServicesDependency) -> Response:
    """Sign a person out everywhere; their open streams end within 5 s."""
    await authorize(services, caller, Action.UPDATE, Resource.MEMBER, person_id=person_id)
    await services.people.get(caller.tenant_id, person_id)
    ended = await services.sign_ins.end_all(caller.tenant_id, person_id)
    await services.audit.note(
        caller.tenant_id, caller.actor, "sign out", "person", person_id, {"sign_ins": ended}
    )
    return Response(status_code=204)


async def note_sign_out(services: Services, caller: Credential, sign_in_id: str) -> None:
    """Enter in the audit trail that somebody signed out."""
    await services.audit.note(
        caller.home_tenant_id, caller.actor, "sign out", "sign_in", sign_in_id
    )


def signed_in_person(caller: Credential) -> tuple[str, str]:
    """Return the ids of the person and of the sign-in.

    Raises:
        NotAllowed: the caller did not sign in.
    """
    if caller.kind != "person" or caller.person_id is None or caller.token_id is None:
        raise NotAllowed(
            "Only somebody who signed in can do this.",
            field="Authorization",
            fix="Sign in at POST /v1/sign-in.",
        )
    return caller.person_id, caller.token_id
