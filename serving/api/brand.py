"""The brand of the tenant whose host name was called: what a page looks like before sign-in."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.requests import Request
from fastapi.responses import Response
from pydantic import ConfigDict

from lessons.errors import Unavailable
from lessons.tenants import Brand, TenantSettings
from serving.web.problems import documented
from serving.web.services import ServicesDependency

CACHE_SECONDS = 60

router = APIRouter(prefix="/v1", tags=["tenants"], responses=documented(Unavailable))


class BrandView(Brand):
    """How the console looks, in which languages, and whether people sign in with OpenID."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Hill School",
                    "primary_colour": "#14532d",
                    "accent_colour": "#c2571a",
                    "logo_url": None,
                    "sender_address": "lessons@hill.example",
                    "tenant_id": "ten_01kb9x5t7v0000000000000000",
                    "languages": ["en"],
                    "sign_in": True,
                }
            ]
        }
    )

    tenant_id: str | None = None
    languages: list[str]
    sign_in: bool


@router.get("/brand")
async def get_brand(
    request: Request, response: Response, services: ServicesDependency
) -> BrandView:
    """Read the brand that the called host name stands for; Lectern's own for any other host.

    It needs no credential and tells nothing that the page itself would not.
    """
    response.headers["Cache-Control"] = f"private, max-age={CACHE_SECONDS}"
    response.headers["Vary"] = "Host"
    host = request.headers.get("host", "").partition(":")[0]
    tenant_id = await services.domains.tenant_of(host)
    settings = await services.tenants.settings(tenant_id) if tenant_id else TenantSettings()
    return BrandView(
        **settings.brand.model_dump(),
        tenant_id=tenant_id,
        languages=settings.languages,
        sign_in=settings.sign_in.issuer is not None,
    )
