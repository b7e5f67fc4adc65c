"""Tenants: the tree of organisations, their settings, and the host names that lead to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
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
from lessons.policy import Action, Credential, Resource
from lessons.tenants import Tenant, TenantSettings
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

MAX_PAGE_TENANTS = 200
HOST_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$"
EXAMPLE_TENANT: JsonDict = {
    "id": "ten_01kb9x5t7v0000000000000000",
    "parent_id": "ten_default",
    "path": ["ten_default", "ten_01kb9x5t7v0000000000000000"],
    "name": "Hill School",
    "kind": "school",
    "created_at": "2026-11-22T10:00:00Z",
    "settings": {"brand": {"name": "Hill School", "primary_colour": "#14532d"}},
    "effective": {"brand": {"name": "Hill School", "primary_colour": "#14532d"}},
}

router = APIRouter(
    prefix="/v1/tenants",
    tags=["tenants"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)

Host = Annotated[
    str, Path(max_length=253, pattern=HOST_PATTERN, description="A host name in lower case")
]
OwnSettings = Annotated[
    dict[str, Any],
    Field(
        description="Settings as in `TenantSettings`; what is left out is inherited",
        examples=[{"brand": {"name": "Hill School"}, "retention": {"captions_days": 90}}],
    ),
]


class NewTenant(RequestModel):
    """A tenant to put below another; without `parent_id`, below the caller's own."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Hill School", "kind": "school"}]}
    )

    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(default="school", min_length=1, max_length=50)
    parent_id: str | None = Field(default=None, max_length=100)
    settings: OwnSettings = Field(default_factory=dict)


class TenantChange(RequestModel):
    """What to change; what is left out stays. A null among `settings` inherits it again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Hill School", "settings": {"brand": {"logo_url": None}}}]
        }
    )

    name: str | None = Field(default=None, min_length=1, max_length=200)
    kind: str | None = Field(default=None, min_length=1, max_length=50)
    parent_id: str | None = Field(default=None, max_length=100)
    settings: OwnSettings | None = None


class TenantView(BaseModel):
    """A tenant: `settings` are its own, `effective` those in force; secrets are never shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_TENANT]})

    id: str
    parent_id: str | None
    path: list[str] = Field(description="Its ancestors from the caller's own down, itself last")
    name: str
    kind: str
    created_at: AwareDatetime
    settings: dict[str, Any]
    effective: TenantSettings


class TenantPage(BaseModel):
    """Tenants right below one, oldest first; `next` is the `after` of the next page."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"tenants": [EXAMPLE_TENANT], "next": None}]}
    )

    tenants: list[TenantView]
    next: str | None


class Domains(BaseModel):
    """Host names that lead to a tenant; `next` is the `after` of the next page."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"hosts": ["learn.hill.example"], "next": None}]}
    )

    hosts: list[str]
    next: str | None


@router.post("", status_code=201, responses=documented(Conflict))
async def create_tenant(
    body: NewTenant, caller: Caller, services: ServicesDependency
) -> TenantView:
    """Put a new tenant into the tree. It inherits every setting that it does not make itself."""
    await authorize(services, caller, Action.CREATE, Resource.TENANT)
    _require_region_here(services, body.settings)
    parent_id = body.parent_id or caller.tenant_id
    made = await services.tenants.create(
        caller.tenant_id, parent_id, body.name, body.kind, body.settings
    )
    return _view(caller, made)


@router.get("")
async def list_tenants(
    caller: Caller,
    services: ServicesDependency,
    parent_id: Annotated[
        str | None, Query(max_length=100, description="Below which one; by default your own")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_TENANTS)] = 50,
    after: Annotated[str | None, Query(max_length=100, description="`next` of the page before")] = (
        None
    ),
) -> TenantPage:
    """List the tenants right below one."""
    await authorize(services, caller, Action.LIST, Resource.TENANT)
    found = await services.tenants.list_below(
        caller.tenant_id, parent_id or caller.tenant_id, limit, after
    )
    following = found[-1].id if len(found) == limit else None
    return TenantPage(tenants=[_view(caller, tenant) for tenant in found], next=following)


@router.get("/{tenant_id}")
async def get_tenant(tenant_id: str, caller: Caller, services: ServicesDependency) -> TenantView:
    """Read a tenant with its own settings and those in force."""
    await authorize(services, caller, Action.READ, Resource.TENANT)
    return _view(caller, await services.tenants.get(caller.tenant_id, tenant_id))


@router.patch("/{tenant_id}", responses=documented(Conflict))
async def change_tenant(
    tenant_id: str, body: TenantChange, caller: Caller, services: ServicesDependency
) -> TenantView:
    """Rename, move or set a tenant. Every tenant below follows at once.

    `settings` is a JSON merge patch (RFC 7396). A tenant below may only do with a setting what the
    ancestors leave to it; moving a tenant below itself is refused.
    """
    await authorize(services, caller, Action.UPDATE, Resource.TENANT)
    _require_region_here(services, body.settings or {})
    changed = await services.tenants.change(
        caller.tenant_id,
        tenant_id,
        name=body.name,
        kind=body.kind,
        parent_id=body.parent_id,
        settings=body.settings,
    )
    return _view(caller, changed)


@router.get("/{tenant_id}/domains")
async def list_domains(
    tenant_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_TENANTS)] = 50,
    after: Annotated[str | None, Query(max_length=253, description="`next` of the page before")] = (
        None
    ),
) -> Domains:
    """List the host names that show the tenant's brand."""
    await authorize(services, caller, Action.READ, Resource.TENANT)
    await services.tenants.get(caller.tenant_id, tenant_id)
    hosts = await services.domains.list_hosts(tenant_id, limit, after)
    return Domains(hosts=hosts, next=hosts[-1] if len(hosts) == limit else None)


@router.put("/{tenant_id}/domains/{host}", status_code=204, responses=documented(Conflict))
async def claim_domain(
    tenant_id: str, host: Host, caller: Caller, services: ServicesDependency
) -> Response:
    """Let a host name lead to the tenant: whoever opens it sees the tenant's brand."""
    await authorize(services, caller, Action.UPDATE, Resource.TENANT)
    await services.tenants.get(caller.tenant_id, tenant_id)
    await services.domains.claim(tenant_id, host)
    return Response(status_code=204)


@router.delete("/{tenant_id}/domains/{host}", status_code=204)
async def release_domain(
    tenant_id: str, host: Host, caller: Caller, services: ServicesDependency
) -> Response:
    """Let a host name lead nowhere."""
    await authorize(services, caller, Action.UPDATE, Resource.TENANT)
    await services.tenants.get(caller.tenant_id, tenant_id)
    await services.domains.release(tenant_id, host)
    return Response(status_code=204)


def _view(caller: Credential, tenant: Tenant) -> TenantView:
    """Return a tenant as it is shown: nothing above the caller's own, and never a client secret."""
    own: dict[str, Any] = dict(tenant.settings)
    if isinstance(own.get("sign_in"), dict):
        own["sign_in"] = {
            name: value for name, value in own["sign_in"].items() if name != "client_secret"
        }
    sign_in = tenant.effective.sign_in.model_copy(update={"client_secret": None})
    return TenantView(
        **tenant.model_dump(include={"id", "name", "kind", "created_at"}),
        parent_id=None if tenant.id == caller.tenant_id else tenant.parent_id,
        path=tenant.path[tenant.path.index(caller.tenant_id) :],
        settings=own,
        effective=tenant.effective.model_copy(update={"sign_in": sign_in}),
    )


def _require_region_here(services: Services, settings: Mapping[str, Any]) -> None:
    """Refuse to bind a tenant to another region: nobody could reach it here any more.

    Raises:
        InvalidInput: the region is not that of this installation.
    """
    region, here = settings.get("region"), services.settings.region
    if region is not None and region != here:
        where = f"in {here!r}" if here else "in no region that was named"
        raise InvalidInput(
            f"This installation is {where}, so the tenant would be out of reach.",
            field="settings.region",
            fix=f"Make the tenant at the installation in {region!r}, or set LECTERN_REGION.",
        )
