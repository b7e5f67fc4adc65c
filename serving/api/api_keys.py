"""API keys: how a platform's servers come in; scoped, rotated without a gap, revoked at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import SCOPES, Action, Credential, Resource, known_scopes
from lessons.store.api_keys import MAX_OVERLAP, ApiKey
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import ServicesDependency

DEFAULT_OVERLAP_SECONDS = 24 * 3600
MAX_PAGE_KEYS = 200
EXAMPLE_KEY: JsonDict = {
    "id": "key_01kb9x5t7v0000000000000000",
    "tenant_id": "ten_default",
    "name": "staging platform",
    "scopes": ["events:read", "lessons:read", "lessons:write"],
    "created_at": "2026-11-22T10:00:00Z",
    "expires_at": "2027-11-22T10:00:00Z",
    "last_used_at": "2026-11-22T11:31:00Z",
    "rotated_at": None,
    "previous_expires_at": None,
    "previous_used_at": None,
    "revoked_at": None,
}

router = APIRouter(
    prefix="/v1/api-keys",
    tags=["API keys"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


class NewApiKey(RequestModel):
    """A key to make. Give it no more scopes than its platform needs, and an end."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "staging platform",
                    "scopes": ["events:read", "lessons:read", "lessons:write"],
                    "expires_at": "2027-11-22T10:00:00Z",
                }
            ]
        }
    )

    name: str = Field(min_length=1, max_length=200)
    scopes: list[str] | None = Field(
        default=None,
        max_length=len(SCOPES),
        description=f"Left out: everything. Of: {', '.join(SCOPES)}.",
    )
    expires_at: AwareDatetime | None = Field(default=None, description="Left out: never.")


class Rotation(RequestModel):
    """How long the secret until now stays good beside the new one; 0 ends it at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_seconds": 3600}]})

    overlap_seconds: int = Field(
        default=DEFAULT_OVERLAP_SECONDS, ge=0, le=int(MAX_OVERLAP.total_seconds())
    )


class ApiKeyView(ApiKey):
    """A key without its secret. `last_used_at` is exact to the minute.

    After a rotation `previous_used_at` tells whether anybody still uses the secret of before, which
    ends at `previous_expires_at`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_KEY]})


class ApiKeyWithSecret(ApiKeyView):
    """A key with its secret, which is shown this once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [EXAMPLE_KEY | {"key": "lk_key_01kb9x5t7v0000000000000000_5f0c..."}]
        }
    )

    key: str


class ApiKeyPage(BaseModel):
    """Keys, newest first; `next` is the `before` of the next page, null on the last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"api_keys": [EXAMPLE_KEY], "next": None}]}
    )

    api_keys: list[ApiKeyView]
    next: str | None


@router.post("", status_code=201, response_model=ApiKeyWithSecret)
async def create_api_key(
    body: NewApiKey, caller: Caller, services: ServicesDependency, response: Response
) -> ApiKeyWithSecret:
    """Make a key. A key can make another only within its own scopes and its own end."""
    await authorize(services, caller, Action.CREATE, Resource.API_KEY)
    scopes = None if body.scopes is None else known_scopes(body.scopes)
    _require_no_more_than_own(caller, scopes, body.expires_at)
    made, key = await services.api_keys.create(
        caller.tenant_id, body.name, scopes=scopes, expires_at=body.expires_at
    )
    detail = {"name": made.name, "scopes": made.scopes}
    await services.audit.note(
        caller.tenant_id, caller.actor, "create", Resource.API_KEY, made.id, detail
    )
    return _shown_once(response, made, key)


@router.get("", response_model=ApiKeyPage)
async def list_api_keys(
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_KEYS)] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> ApiKeyPage:
    """List the tenant's keys, revoked and expired ones included."""
    await authorize(services, caller, Action.LIST, Resource.API_KEY)
    keys = await services.api_keys.list_keys(caller.tenant_id, limit + 1, before)
    page = [_view(key) for key in keys[:limit]]
    return ApiKeyPage(api_keys=page, next=page[-1].id if len(keys) > limit else None)


@router.get("/{key_id}", response_model=ApiKeyView, responses=documented(NotFound))
async def read_api_key(key_id: str, caller: Caller, services: ServicesDependency) -> ApiKey:
    """Read what is kept of a key."""
    await authorize(services, caller, Action.READ, Resource.API_KEY)
    return await services.api_keys.get(caller.tenant_id, key_id)


@router.post(
    "/{key_id}/rotate", response_model=ApiKeyWithSecret, responses=documented(NotFound, Conflict)
)
async def rotate_api_key(
    key_id: str,
    caller: Caller,
    services: ServicesDependency,
    response: Response,
    body: Rotation | None = None,
) -> ApiKeyWithSecret:
    """Give a key a new secret; its id, scopes and limits stay, and the old one ends later.

    A key may rotate itself. Rotating again ends the secret before the last one at once.
    """
    await authorize(services, caller, Action.UPDATE, Resource.API_KEY)
    standing = await services.api_keys.get(caller.tenant_id, key_id)
    scopes = None if standing.scopes is None else frozenset(standing.scopes)
    _require_no_more_than_own(caller, scopes, standing.expires_at)
    overlap = timedelta(seconds=(body or Rotation()).overlap_seconds)
    rotated, key = await services.api_keys.rotate(caller.tenant_id, key_id, overlap)
    detail = {"overlap_seconds": overlap.total_seconds()}
    await services.audit.note(
        caller.tenant_id, caller.actor, "rotate", Resource.API_KEY, key_id, detail
    )
    return _shown_once(response, rotated, key)


@router.delete("/{key_id}", status_code=204, responses=documented(NotFound))
async def revoke_api_key(key_id: str, caller: Caller, services: ServicesDependency) -> Response:
    """Revoke a key: requests are refused at once, open streams end within 5 s."""
    await authorize(services, caller, Action.DELETE, Resource.API_KEY)
    await services.api_keys.revoke(caller.tenant_id, key_id)
    await services.audit.note(caller.tenant_id, caller.actor, "revoke", Resource.API_KEY, key_id)
    return Response(status_code=204)


def _require_no_more_than_own(
    caller: Credential, scopes: Collection[str] | None, expires_at: datetime | None
) -> None:
    """Let a key hand out only what it has: else one with `keys:write` could become any other.

    A secret whose rotation is over soon counts as a key that ends then, so a leaked old secret
    cannot be turned into a lasting one.
    """
    if caller.kind != "api_key":
        return
    if caller.scopes is not None and (scopes is None or not caller.scopes.issuperset(scopes)):
        raise NotAllowed(
            "The key would have more scopes than yours.",
            field="scopes",
            fix=f"Name none but your own: {', '.join(sorted(caller.scopes))}.",
        )
    if caller.expires_at is not None and (expires_at is None or expires_at > caller.expires_at):
        raise NotAllowed(
            "The key would be good for longer than yours.",
            field="expires_at",
            fix=f"Let it end by {caller.expires_at.isoformat()}, or use your newest key.",
        )


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(**key.model_dump())


def _shown_once(response: Response, record: ApiKey, key: str) -> ApiKeyWithSecret:
    response.headers["Cache-Control"] = "no-store"
    return ApiKeyWithSecret(**record.model_dump(), key=key)
