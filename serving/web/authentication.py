"""Who calls: an API key, a participant token of one lesson, or a person who signed in."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyCookie, APIKeyQuery, HTTPBearer

from lessons.errors import NotAuthenticated, WrongCredential
from lessons.policy import Credential
from lessons.store.api_keys import KEY_PREFIX
from lessons.store.sign_ins import SIGN_IN_PREFIX
from lessons.tokens import read_participant_token
from serving.web.acting_tenant import acting_on
from serving.web.cookies import SIGN_IN_COOKIE, is_secure, sign_in_of
from serving.web.guessing import address_of
from serving.web.services import Services, ServicesDependency

bearer_scheme = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="An API key (`lk_...`) or a participant token, as `Authorization: Bearer ...`.",
)
cookie_scheme = APIKeyCookie(
    auto_error=False,
    name=SIGN_IN_COOKIE,
    scheme_name="sign_in",
    description="A person who signed in at `POST /v1/sign-in`, in a browser on our own page. Over "
    "TLS its name begins with `__Host-`.",
)
query_scheme = APIKeyQuery(
    auto_error=False,
    name="access_token",
    scheme_name="access_token",
    description="A participant token in the query, for EventSource and WebSocket in a browser. "
    "API keys are refused there: addresses end up in logs.",
)

_NAME = re.compile(r"lk_(key_[0-9a-z]{26})_|ls_[^.]{1,100}\.(sgn_[0-9a-z]{26})\.")


def bearer_token(connection: HTTPConnection) -> str | None:
    """Return the token of the `Authorization` header, or None without one.

    Raises:
        NotAuthenticated: the header is there and is not `Bearer <token>`.
    """
    header = connection.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated(
            "The header is not of the form 'Bearer <token>'.",
            field="Authorization",
            fix="Send 'Authorization: Bearer <API key or participant token>'.",
        )
    return token.strip()


async def credential_of(services: Services, token: str | None) -> Credential:
    """Return whom a token stands for.

    Raises:
        WrongCredential: it is malformed, unknown or forged.
        NotAuthenticated: there is none, or it has expired or was revoked.
    """
    if not token:
        raise NotAuthenticated(
            "The request carries no credential.",
            field="Authorization",
            fix="Send 'Authorization: Bearer <API key or participant token>'.",
        )
    if token.startswith(KEY_PREFIX):
        return await services.api_keys.authenticate(token)
    if token.startswith(SIGN_IN_PREFIX):
        return await services.sign_ins.authenticate(token)
    credential = read_participant_token(services.token_secret, token)
    await services.participant_tokens.require_good(credential)
    return credential


async def authenticate(
    connection: HTTPConnection,
    services: ServicesDependency,
    _documented: Annotated[object, Depends(bearer_scheme)] = None,
    _documented_too: Annotated[object, Depends(cookie_scheme)] = None,
) -> Credential:
    """Dependency: the caller by its `Authorization` header, else by its browser's cookie."""
    return await caller_with(connection, services, bearer_token(connection))


async def authenticate_stream(
    connection: HTTPConnection,
    services: ServicesDependency,
    _documented: Annotated[object, Depends(bearer_scheme)] = None,
    _documented_too: Annotated[object, Depends(query_scheme)] = None,
    _documented_as_well: Annotated[object, Depends(cookie_scheme)] = None,
) -> Credential:
    """Dependency: the caller by header, by `?access_token=` (streams only) or by cookie."""
    token = bearer_token(connection)
    if token is None:
        token = connection.query_params.get("access_token")
        _refuse_lasting(token)
    return await caller_with(connection, services, token)


Caller = Annotated[Credential, Depends(authenticate)]
StreamCaller = Annotated[Credential, Depends(authenticate_stream)]


async def caller_with(
    connection: HTTPConnection, services: Services, token: str | None
) -> Credential:
    """Authenticate by a token, wherever the request had it, and take from the caller's share.

    Without one the browser's cookie counts.

    Raises:
        NotAuthenticated: it is missing, wrong, expired or revoked.
        TooManyRequests: the share is used up, or too many wrong ones came before.
    """
    if token is None:
        token = sign_in_of(connection, secure=is_secure(services.settings.public_url))
    credential = await _guarded(connection, services, token)
    await services.rate_limits.take(connection, credential)
    caller = await acting_on(connection, services, credential)
    connection.state.caller = caller  # for the audit trail
    return caller


async def _guarded(connection: HTTPConnection, services: Services, token: str | None) -> Credential:
    """Authenticate with the guard before what is looked up.

    What names no key or sign-in, a forged token say, is refused without a look at the database, so
    it costs no more than the guard would; it takes from the share of its address.

    Raises:
        TooManyRequests: too many credentials from there were wrong.
    """
    guard, address, name = services.guess_guard, address_of(connection), _name_of(token)
    if name:
        guard.require_allowed(address, name)
    try:
        credential = await credential_of(services, token)
    except WrongCredential:
        if name:
            guard.wrong(address, name)
        await services.rate_limits.take_for_address(connection, address)
        raise
    if name:
        guard.right(address, name)
    return credential


def _name_of(token: str | None) -> str:
    """Return what a token says about itself without proof: the id of a key or of a sign-in."""
    found = _NAME.match(token or "")
    return (found[1] or found[2]) if found else ""


def _refuse_lasting(token: str | None) -> None:
    if token and token.startswith((KEY_PREFIX, SIGN_IN_PREFIX)):
        raise NotAuthenticated(
            "A credential that lasts does not belong into an address, which logs keep.",
            field="access_token",
            fix="Send it as 'Authorization: Bearer ...', or a participant token here.",
        )
