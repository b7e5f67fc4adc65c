"""Who calls: an API key of a tenant, or a participant token of one lesson."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyQuery, HTTPBearer

from lessons.errors import NotAuthenticated
from lessons.policy import Credential
from lessons.store.api_keys import KEY_PREFIX
from lessons.tokens import read_participant_token
from serving.web.services import Services, ServicesDependency

bearer_scheme = HTTPBearer(
    auto_error=False,
    scheme_name="bearer",
    description="An API key (`lk_...`) or a participant token, as `Authorization: Bearer ...`.",
)
query_scheme = APIKeyQuery(
    auto_error=False,
    name="access_token",
    scheme_name="access_token",
    description="The same credential in the query, for EventSource and WebSocket in a browser.",
)


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
        NotAuthenticated: there is none, or it is malformed, expired, revoked or forged.
    """
    if not token:
        raise NotAuthenticated(
            "The request carries no credential.",
            field="Authorization",
            fix="Send 'Authorization: Bearer <API key or participant token>'.",
        )
    if token.startswith(KEY_PREFIX):
        return await services.api_keys.authenticate(token)
    credential = read_participant_token(services.token_secret, token)
    await services.participant_tokens.require_good(credential)
    return credential


async def authenticate(
    connection: HTTPConnection,
    services: ServicesDependency,
    _documented: Annotated[object, Depends(bearer_scheme)] = None,
) -> Credential:
    """Dependency: the caller by its `Authorization` header."""
    return await credential_of(services, bearer_token(connection))


async def authenticate_stream(
    connection: HTTPConnection,
    services: ServicesDependency,
    _documented: Annotated[object, Depends(bearer_scheme)] = None,
    _documented_too: Annotated[object, Depends(query_scheme)] = None,
) -> Credential:
    """Dependency: the caller by its header, else by `?access_token=` (streams only)."""
    token = bearer_token(connection) or connection.query_params.get("access_token")
    return await credential_of(services, token)


Caller = Annotated[Credential, Depends(authenticate)]
StreamCaller = Annotated[Credential, Depends(authenticate_stream)]
