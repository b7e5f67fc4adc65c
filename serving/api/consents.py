"""Consent: what a participant or a person has agreed to, given and taken back at any moment."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
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
from lessons.policy import Action, Credential, Resource
from lessons.privacy.consent import PURPOSE_MEANINGS, Basis, ParticipantConsent, Purpose
from lessons.store.consent_changes import ConsentChange
from lessons.store.consents import ConsentDecision
from serving.api.requests import RequestModel
from serving.summaries.rewriting import DECIDED_WITHIN, is_followed
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

MAX_PAGE_DECISIONS = 200
EXAMPLE_DECISION: JsonDict = {
    "id": "cns_01kb9x5t7v0000000000000000",
    "person_id": "per_01kb9x5t7v0000000000000000",
    "lesson_id": "les_01kb9x5t7v0000000000000000",
    "purpose": "audio",
    "granted": True,
    "basis": "guardian",
    "decided_by": "key_01kb9x5t7v0000000000000000",
    "decided_at": "2026-11-22T10:15:30Z",
    "note": "form of 2026-09-01",
}
EXAMPLE_STATE: JsonDict = {
    "purpose": "audio",
    "meaning": PURPOSE_MEANINGS[Purpose.AUDIO],
    "permitted": True,
    "decided": True,
    "demanded": False,
}

router = APIRouter(
    prefix="/v1",
    tags=["consent"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_DECISIONS)]
Before = Annotated[str | None, Query(max_length=100, description="`next` of the page before")]


class NewConsent(RequestModel):
    """Consent to some purposes, given by the person, a guardian or a school's contract."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "purposes": ["audio", "captions"],
                    "basis": "guardian",
                    "note": "form of 2026-09-01",
                }
            ]
        }
    )

    purposes: list[Purpose] = Field(min_length=1, max_length=len(Purpose))
    basis: Basis | None = Field(
        default=None, description="Left out: the tenant's `consent.basis_default`, if it has one."
    )
    note: str | None = Field(default=None, max_length=500)


class ConsentView(ConsentDecision):
    """One decision; `lesson_id` is null where it holds for all lessons."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_DECISION]})


class Decisions(BaseModel):
    """Decisions that were just recorded, one for each purpose."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"decisions": [EXAMPLE_DECISION]}]})

    decisions: list[ConsentView]


class DecisionPage(BaseModel):
    """Decisions, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decisions": [EXAMPLE_DECISION], "next": None}]}
    )

    decisions: list[ConsentView]
    next: str | None


class PurposeState(BaseModel):
    """Whether one purpose is covered now, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_STATE]})

    purpose: Purpose
    meaning: str
    permitted: bool
    decided: bool | None = Field(description="The newest decision; null where there is none")
    demanded: bool = Field(description="Whether the tenant demands a decision on it")


class ParticipantConsents(BaseModel):
    """What holds for a participant now, purpose by purpose."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"purposes": [EXAMPLE_STATE], "lesson_basis": "school contract 2026"}]
        }
    )

    purposes: list[PurposeState]
    lesson_basis: str | None = Field(
        default=None, description="The basis that the lesson names for everybody in it"
    )


@router.get(
    "/lessons/{lesson_id}/participants/{participant_id}/consents",
    response_model=ParticipantConsents,
)
async def read_participant_consents(
    lesson_id: str, participant_id: str, caller: Caller, services: ServicesDependency
) -> ParticipantConsents:
    """Read what a participant's data may be captured for, as it stands now."""
    await _person_of(services, caller, Action.READ, lesson_id, participant_id)
    held = await services.consents.of_participant(caller.tenant_id, lesson_id, participant_id)
    return _state_of(held)


@router.post(
    "/lessons/{lesson_id}/participants/{participant_id}/consents",
    status_code=201,
    response_model=Decisions,
    responses=documented(Conflict),
)
async def grant_in_lesson(
    lesson_id: str,
    participant_id: str,
    body: NewConsent,
    caller: Caller,
    services: ServicesDependency,
) -> Decisions:
    """Record consent for this one lesson."""
    person_id = await _person_of(services, caller, Action.CREATE, lesson_id, participant_id)
    return await _grant(services, caller, person_id, lesson_id, body)


@router.delete(
    "/lessons/{lesson_id}/participants/{participant_id}/consents/{purpose}",
    response_model=Decisions,
    responses=documented(Conflict),
)
async def revoke_in_lesson(
    lesson_id: str,
    participant_id: str,
    purpose: Purpose,
    caller: Caller,
    services: ServicesDependency,
) -> Decisions:
    """Refuse consent for this one lesson, or take it back: that track stops at once.

    The lesson's events say so: `consent.revoked`, then `track.ended` with the reason
    `consent revoked`.
    """
    person_id = await _person_of(services, caller, Action.DELETE, lesson_id, participant_id)
    return await _revoke(services, caller, person_id, lesson_id, purpose)


@router.get("/people/{person_id}/consents", response_model=DecisionPage)
async def list_decisions(
    person_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Limit = 50,
    before: Before = None,
) -> DecisionPage:
    """Read every decision on a person's data, newest first, those for single lessons included."""
    await authorize(services, caller, Action.LIST, Resource.CONSENT, person_id=person_id)
    await services.people.get(caller.tenant_id, person_id)
    page = await services.consents.list_decisions(caller.tenant_id, person_id, limit, before)
    more = page[-1].id if len(page) == limit else None
    return DecisionPage(decisions=_views(page), next=more)


@router.post(
    "/people/{person_id}/consents",
    status_code=201,
    response_model=Decisions,
    responses=documented(Conflict),
)
async def grant_everywhere(
    person_id: str, body: NewConsent, caller: Caller, services: ServicesDependency
) -> Decisions:
    """Record consent for all lessons of the person with this tenant, from now on."""
    await authorize(services, caller, Action.CREATE, Resource.CONSENT, person_id=person_id)
    return await _grant(services, caller, person_id, None, body)


@router.delete(
    "/people/{person_id}/consents/{purpose}",
    response_model=Decisions,
    responses=documented(Conflict),
)
async def revoke_everywhere(
    person_id: str, purpose: Purpose, caller: Caller, services: ServicesDependency
) -> Decisions:
    """Refuse consent for all lessons, or take it back: in every live lesson that track stops."""
    await authorize(services, caller, Action.DELETE, Resource.CONSENT, person_id=person_id)
    return await _revoke(services, caller, person_id, None, purpose)


async def _person_of(
    services: Services, caller: Credential, action: Action, lesson_id: str, participant_id: str
) -> str:
    """Return who a participant is, once the caller may decide or read for them."""
    participant = await services.lessons.get_participant(
        caller.tenant_id, lesson_id, participant_id
    )
    person_id = participant.person_id
    await authorize(services, caller, action, Resource.CONSENT, person_id=person_id)
    return person_id


async def _grant(
    services: Services,
    caller: Credential,
    person_id: str,
    lesson_id: str | None,
    body: NewConsent,
) -> Decisions:
    basis = body.basis
    if basis is None:
        rules = (await services.tenants.settings(caller.tenant_id)).consent
        basis = Basis(rules.basis_default) if rules.basis_default else None
    change = ConsentChange(
        person_id, lesson_id, body.purposes, True, basis, caller.actor, body.note
    )
    return await _decide(services, caller, change)


async def _revoke(
    services: Services, caller: Credential, person_id: str, lesson_id: str | None, purpose: Purpose
) -> Decisions:
    change = ConsentChange(person_id, lesson_id, [purpose], False, None, caller.actor)
    return await _decide(services, caller, change)


async def _decide(services: Services, caller: Credential, change: ConsentChange) -> Decisions:
    where = caller.tenant_id, change.person_id
    if is_followed(change):
        await services.jobs.follow_consent(*where, DECIDED_WITHIN)
    made = await services.consent_changes.decide(caller.tenant_id, change)
    if is_followed(change):
        await services.jobs.follow_consent(*where)
    return Decisions(decisions=_views(made))


def _views(decisions: list[ConsentDecision]) -> list[ConsentView]:
    return [ConsentView.model_validate(decision) for decision in decisions]


def _state_of(held: ParticipantConsent) -> ParticipantConsents:
    return ParticipantConsents(
        purposes=[
            PurposeState(
                purpose=purpose,
                meaning=PURPOSE_MEANINGS[purpose],
                permitted=held.permits(purpose),
                decided=held.decisions.get(purpose),
                demanded=purpose in held.required,
            )
            for purpose in Purpose
        ],
        lesson_basis=held.lesson_basis,
    )
