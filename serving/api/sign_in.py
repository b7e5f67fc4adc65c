"""Signing in and out: people at their tenant's own provider."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from lessons.errors import (
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    Unavailable,
)
from lessons.store.sign_ins import LIFETIME, SIGN_IN_PREFIX
from serving.api.requests import RequestModel
from serving.api.sign_ins import note_sign_out, signed_in_person
from serving.settings import DEFAULT_TENANT
from serving.sign_in.attempt import (
    LIFETIME_SECONDS,
    Attempt,
    cookie_of,
    open_attempt,
    seal_attempt,
)
from serving.sign_in.failure import SignInFailed
from serving.sign_in.flow import Answer
from serving.web.authentication import Caller, credential_of
from serving.web.cookies import (
    SIGN_IN_COOKIE,
    cookie_name,
    delete_cookie,
    is_secure,
    require_own_page,
    set_cookie,
)
from serving.web.guessing import address_of
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

CALLBACK_PATH = "/v1/sign-in/callback"
FAILED_PATH = "/"
"""Where the console tells that a sign-in failed, by `?sign_in_failed=<stage>`."""

_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f-\U0010ffff]{0,1000}")

_HOST = re.compile(r"([a-z0-9.-]{1,253})(:[0-9]{1,5})?")

router = APIRouter(prefix="/v1", tags=["sign-in"], responses=documented(InvalidInput, Unavailable))


class SignInProvider(BaseModel):
    """Whether people can sign in here, and at whose provider; null: not set up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"tenant_id": "ten_default", "issuer": "https://id.school.example"}]
        }
    )

    tenant_id: str
    issuer: str | None


class SignInRequest(RequestModel):
    """A sign-in to begin."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"return_to": "/#/lessons"}]})

    tenant_id: str | None = Field(
        default=None, max_length=100, description="Left out: the tenant of this host."
    )
    return_to: str = Field(default="/", description="Path of ours to come back to.")


class SignInBegun(BaseModel):
    """Send the browser there; it comes back by itself, within ten minutes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"authorization_url": "https://id.school.example/authorize?state=..."}]
        }
    )

    authorization_url: str


class SignedOut(BaseModel):
    """The sign-in is over. Send the browser to `provider_url` to end it at the provider as well."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"provider_url": "https://id.school.example/logout"}]}
    )

    provider_url: str | None


@router.get("/sign-in")
async def read_provider(
    request: Request,
    services: ServicesDependency,
    tenant_id: Annotated[str | None, Query(max_length=100)] = None,
) -> SignInProvider:
    """Tell whether people can sign in here, for the console to offer it."""
    await services.rate_limits.take_for_address(request, address_of(request))
    tenant = tenant_id or await _tenant_of_host(services, request)
    return SignInProvider(tenant_id=tenant, issuer=await services.sign_in_flow.issuer_of(tenant))


@router.post("/sign-in", responses=documented(NotAuthenticated, NotAllowed))
async def begin_sign_in(
    request: Request,
    response: Response,
    services: ServicesDependency,
    body: SignInRequest | None = None,
) -> SignInBegun:
    """Begin a sign-in at the tenant's OpenID provider: code flow with PKCE, state and nonce."""
    require_own_page(request)
    await services.rate_limits.take_for_address(request, address_of(request))
    wanted = body or SignInRequest()
    tenant_id = wanted.tenant_id or await _tenant_of_host(services, request)
    origin = await _own_origin(services, request)
    attempt, address = await services.sign_in_flow.begin(
        tenant_id, origin + CALLBACK_PATH, _own_path(wanted.return_to)
    )
    sealed = seal_attempt(attempt, services.token_secret)
    secure = is_secure(services.settings.public_url)
    set_cookie(response, attempt.cookie, sealed, LIFETIME_SECONDS, secure=secure)
    response.headers["Cache-Control"] = "no-store"
    return SignInBegun(authorization_url=address)


@router.get(
    "/sign-in/callback",
    status_code=303,
    response_class=RedirectResponse,
    responses={303: {"description": "Back to the console, signed in or told why not."}},
)
async def finish_sign_in(
    request: Request,
    services: ServicesDependency,
    state: str = "",
    code: str | None = None,
    error: str | None = None,
    iss: str | None = None,
) -> Response:
    """Take the browser back from the provider and sign the person in."""
    await services.rate_limits.take_for_address(request, address_of(request))
    secure = is_secure(services.settings.public_url)
    cookie = cookie_of(state)
    try:
        sealed = request.cookies.get(cookie_name(cookie, secure=secure))
        attempt = open_attempt(sealed, state, services.token_secret)
        person_id = await services.sign_in_flow.finish(attempt, Answer(state, code, error, iss))
        response = await _signed_in(services, request, attempt, person_id)
    except SignInFailed as failure:
        response = _back_to(f"{FAILED_PATH}?{urlencode({'sign_in_failed': failure.stage})}")
    except NotAuthenticated:
        response = _back_to(f"{FAILED_PATH}?{urlencode({'sign_in_failed': 'unknown_person'})}")
    delete_cookie(response, cookie, secure=secure)
    return response


@router.post("/sign-out", responses=documented(NotAuthenticated, NotAllowed))
async def sign_out(
    request: Request, response: Response, caller: Caller, services: ServicesDependency
) -> SignedOut:
    """End this browser's sign-in at once; its open streams end within 5 s."""
    person_id, sign_in_id = signed_in_person(caller)
    await services.sign_ins.end(caller.home_tenant_id, person_id, sign_in_id)
    await note_sign_out(services, caller, sign_in_id)
    delete_cookie(response, SIGN_IN_COOKIE, secure=is_secure(services.settings.public_url))
    origin = await _own_origin(services, request)
    try:
        address = await services.sign_in_flow.sign_out_address(caller.home_tenant_id, f"{origin}/")
    except SignInFailed:
        address = None
    return SignedOut(provider_url=address)


async def _signed_in(
    services: Services, request: Request, attempt: Attempt, person_id: str
) -> Response:
    """Begin a sign-in of its own, whatever the browser held before (no fixation), and end that."""
    secure = is_secure(services.settings.public_url)
    await _end_earlier(services, request.cookies.get(cookie_name(SIGN_IN_COOKIE, secure=secure)))
    begun, proof = await services.sign_ins.begin(attempt.tenant_id, person_id)
    services.guess_guard.right(address_of(request), begun.id)
    await services.audit.note(
        attempt.tenant_id, person_id, "sign in", "sign_in", begun.id, {"issuer": attempt.issuer}
    )
    response = _back_to(_own_path(attempt.return_to))
    set_cookie(response, SIGN_IN_COOKIE, proof, int(LIFETIME.total_seconds()), secure=secure)
    return response


async def _end_earlier(services: Services, proof: str | None) -> None:
    if not proof or not proof.startswith(SIGN_IN_PREFIX):
        return
    try:
        earlier = await credential_of(services, proof)
        person_id, sign_in_id = signed_in_person(earlier)
        await services.sign_ins.end(earlier.home_tenant_id, person_id, sign_in_id)
    except NotAuthenticated:
        return


async def _tenant_of_host(services: Services, request: Request) -> str:
    host = _HOST.fullmatch(request.headers.get("host", "").lower())
    known = await services.domains.tenant_of(host[1]) if host else None
    return known or DEFAULT_TENANT


async def _own_origin(services: Services, request: Request) -> str:
    """Return where this browser reaches us: a tenant's own domain, or else the public address.

    `Host` is the caller's to choose, so it counts only where it is known as somebody's domain.
    """
    host = _HOST.fullmatch(request.headers.get("host", "").lower())
    if host is None or await services.domains.tenant_of(host[1]) is None:
        return services.settings.public_url
    scheme = "https" if is_secure(services.settings.public_url) else "http"
    return f"{scheme}://{host[0]}"


def _own_path(path: str) -> str:
    """Return a path on this host; nothing that a browser takes for another host's address.

    Raises:
        InvalidInput: it is no such path.
    """
    if _OWN_PATH.fullmatch(path) is None:
        raise InvalidInput(
            "It is not a path on this host.", field="return_to", fix="Send a path such as '/'."
        )
    return path


def _back_to(path: str) -> Response:
    response = RedirectResponse(path, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    return response
