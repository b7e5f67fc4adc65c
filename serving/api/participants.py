"""Participants: who is in a lesson, and the tokens that let them in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Action, Credential, Resource, require_grantable
from lessons.records import Participant
from lessons.roles import Role
from lessons.tenants import require_feature
from lessons.tokens import mint_participant_token, read_participant_token
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

DEFAULT_LIFETIME_SECONDS = 4 * 3600
MAX_LIFETIME_SECONDS = 24 * 3600

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/participants",
    tags=["participants"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class NewParticipant(RequestModel):
    """A person to add; `external_id` is the platform's own name for them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Ada", "role": "learner", "external_id": "platform-user-17"}]
        }
    )

    name: str = Field(min_length=1, max_length=200)
    role: str = Field(description=f"One of: {', '.join(Role)}.")
    external_id: str | None = Field(default=None, min_length=1, max_length=300)


class RoleChange(RequestModel):
    """The role that a participant has from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "teaching_assistant"}]})

    role: str = Field(description=f"One of: {', '.join(Role)}.")


class ParticipantView(Participant):
    """A person in a lesson."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "par_01kb9x5t7v0000000000000000",
                    "lesson_id": "les_01kb9x5t7v0000000000000000",
                    "person_id": "per_01kb9x5t7v0000000000000000",
                    "name": "Ada",
                    "role": "learner",
                    "external_id": "platform-user-17",
                }
            ]
        }
    )


class TokenRequest(RequestModel):
    """How long a participant token shall be good."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lifetime_seconds": 7200}]})

    lifetime_seconds: int = Field(default=DEFAULT_LIFETIME_SECONDS, ge=1, le=MAX_LIFETIME_SECONDS)


class ParticipantToken(BaseModel):
    """A JWT for one participant of one lesson: safe to hand to that person's browser."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
                    "token_id": "tok_01kb9x5t7v0000000000000000",
                    "expires_at": "2026-11-22T14:00:00Z",
                }
            ]
        }
    )

    token: str
    token_id: str = Field(description="The token's `jti`: what logs and the audit trail name.")
    expires_at: AwareDatetime


@router.post("", status_code=201, response_model=ParticipantView, responses=documented(Conflict))
async def add_participant(
    lesson_id: str, body: NewParticipant, caller: Caller, services: ServicesDependency
) -> Participant:
    """Add a person to the lesson, with exactly one role there."""
    await authorize(services, caller, Action.CREATE, Resource.PARTICIPANT, lesson_id=lesson_id)
    if body.external_id is None:
        tenant = await services.tenants.settings(caller.tenant_id)
        require_feature(tenant, "guest_participants")
    return await services.lessons.add_participant(
        caller.tenant_id, lesson_id, body.name, Role.named(body.role), body.external_id
    )


@router.patch("/{participant_id}", response_model=ParticipantView, responses=documented(Conflict))
async def change_role(
    lesson_id: str,
    participant_id: str,
    body: RoleChange,
    caller: Caller,
    services: ServicesDependency,
) -> Participant:
    """Give a participant another role, in mid-lesson too; it counts from the next request on.

    Tokens that were minted before go on with the new role. Open streams follow at once, and who may
    publish no more is let go. The lesson's events say so (`role.changed`).
    """
    access = await authorize(
        services, caller, Action.UPDATE, Resource.PARTICIPANT, lesson_id=lesson_id
    )
    role = Role.named(body.role)
    participant = await services.lessons.get_participant(
        caller.tenant_id, lesson_id, participant_id
    )
    require_grantable(access, participant.role, role)
    return await services.lessons.change_role(
        caller.tenant_id, lesson_id, participant_id, role, caller.actor
    )


@router.post("/{participant_id}/token", response_model=ParticipantToken)
async def mint_token(
    lesson_id: str,
    participant_id: str,
    caller: Caller,
    services: ServicesDependency,
    response: Response,
    body: TokenRequest | None = None,
) -> ParticipantToken:
    """Mint a token with which this person's browser or encoder publishes and reads.

    A person who signed in mints one for their own place in the lesson.
    """
    participant = await services.lessons.get_participant(
        caller.tenant_id, lesson_id, participant_id
    )
    await authorize(
        services,
        caller,
        Action.MINT,
        Resource.PARTICIPANT,
        lesson_id=lesson_id,
        person_id=participant.person_id,
    )
    token = mint_participant_token(
        services.token_secret,
        tenant_id=caller.tenant_id,
        lesson_id=lesson_id,
        participant_id=participant.id,
        role=participant.role,
        name=participant.name,
        lifetime=_lifetime(caller, body or TokenRequest()),
        generation=await services.participant_tokens.generation(caller.tenant_id, participant.id),
    )
    response.headers["Cache-Control"] = "no-store"
    minted = read_participant_token(services.token_secret, token)
    return ParticipantToken(token=token, token_id=minted.token_id, expires_at=minted.expires_at)


@router.delete("/{participant_id}/token", status_code=204)
async def revoke_tokens(
    lesson_id: str, participant_id: str, caller: Caller, services: ServicesDependency
) -> Response:
    """Revoke every token that was minted for this person up to now.

    Requests with them are refused at once; open streams end within 5 s. A new token can be minted.
    """
    await authorize(services, caller, Action.DELETE, Resource.PARTICIPANT, lesson_id=lesson_id)
    await services.participant_tokens.revoke(caller.tenant_id, lesson_id, participant_id)
    await services.audit.note(
        caller.tenant_id, caller.actor, "revoke tokens", Resource.PARTICIPANT, participant_id
    )
    return Response(status_code=204)


def _lifetime(caller: Credential, wanted: TokenRequest) -> timedelta:
    """Return for how long a token is good: one that a person mints ends with their sign-in."""
    lifetime = timedelta(seconds=wanted.lifetime_seconds)
    if caller.kind != "person" or caller.expires_at is None:
        return lifetime
    return min(lifetime, caller.expires_at - datetime.now(UTC))
