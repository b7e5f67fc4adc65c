"""A tenant's OpenID provider: where it is, its keys, and what it answers.

Source: OpenID Connect Discovery 1.0; RFC 8414; RFC 6749.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving.sign_in.failure import SignInFailed
from serving.sign_in.id_tokens import ALGORITHMS

KNOWN_FOR_SECONDS = 600.0
"""How long a provider's description and keys are taken as they were read."""
KEYS_ASKED_AGAIN_AFTER_SECONDS = 30.0
"""An unknown key has the keys read again, but not more often than this."""
MAX_ANSWER_BYTES = 512 * 1024
ANSWER_SECONDS = 10.0
MAX_PROVIDERS = 1000
"""Descriptions kept at once; beyond, the oldest is read again when it is needed."""

_KEY_TYPES = frozenset({"RSA", "EC"})
_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderMetadata(BaseModel):
    """What a provider says of itself; what is not needed here is left out."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = Field(
        default_factory=lambda: ["client_secret_basic"]
    )
    id_token_signing_alg_values_supported: list[str] = Field(
        default_factory=lambda: list(ALGORITHMS)
    )
    code_challenge_methods_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool = False


class TokenAnswer(BaseModel):
    """What a code was redeemed for."""

    id_token: str
    access_token: str | None = None


class Client(BaseModel):
    """Who we are to a provider."""

    model_config = ConfigDict(frozen=True)

    id: str
    secret: str | None = None


class Provider:
    """One provider, described by itself.

    Args:
        http: follows no redirects.
        issuer: the provider's name and place, letter for letter.
    """

    def __init__(self, http: httpx.AsyncClient, issuer: str) -> None:
        self.issuer = issuer
        self._http = http
        self._metadata: ProviderMetadata | None = None
        self._keys: KeySet | None = None
        self._metadata_at = -KNOWN_FOR_SECONDS
        self._keys_at = -KNOWN_FOR_SECONDS

    async def metadata(self) -> ProviderMetadata:
        """Return where its endpoints are.

        Raises:
            SignInFailed: it does not answer, or what it says of itself does not hold together.
        """
        now = time.monotonic()
        if self._metadata is None or now - self._metadata_at > KNOWN_FOR_SECONDS:
            url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            document = await self._json(httpx.Request("GET", require_safe(url)))
            self._metadata = _checked(document, self.issuer)
            self._metadata_at = now
        return self._metadata

    async def keys(self, *, newer: bool = False) -> KeySet:
        """Return its public signing keys.

        Args:
            newer: read them again, because one of them was not among those known.

        Raises:
            SignInFailed: it does not answer, or none of them can be used.
        """
        now = time.monotonic()
        age = now - self._keys_at
        wanted = KEYS_ASKED_AGAIN_AFTER_SECONDS if newer else KNOWN_FOR_SECONDS
        if self._keys is None or age > wanted:
            document = await self._json(httpx.Request("GET", (await self.metadata()).jwks_uri))
            self._keys = _signing_keys(document)
            self._keys_at = now
        return self._keys

    async def redeem(
        self, client: Client, code: str, verifier: str, redirect_uri: str
    ) -> TokenAnswer:
        """Redeem a code (RFC 6749, section 4.1.3) with its PKCE verifier (RFC 7636).

        Raises:
            SignInFailed: the provider refuses it or does not answer.
        """
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": client.id,
        }
        auth: httpx.BasicAuth | None = None
        if client.secret and _takes_basic(metadata):
            # Both are form-encoded first (RFC 6749, section 2.3.1).
            auth = httpx.BasicAuth(quote_plus(client.id), quote_plus(client.secret))
        elif client.secret:
            form["client_secret"] = client.secret
        request = httpx.Request("POST", metadata.token_endpoint, data=form)
        document = await self._json(request, auth)
        try:
            return TokenAnswer.model_validate(document)
        except ValidationError as error:
            raise SignInFailed("The provider's answer to the code has no ID token.") from error

    async def user_info(self, access_token: str, subject: str) -> dict[str, Any]:
        """Return what else it says of the person; empty where it has no such endpoint.

        Raises:
            SignInFailed: the endpoint refuses, or speaks of somebody else.
        """
        endpoint = (await self.metadata()).userinfo_endpoint
        if endpoint is None:
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        document = await self._json(httpx.Request("GET", endpoint, headers=headers))
        if document.get("sub") != subject:
            raise SignInFailed("The provider speaks of somebody else than its ID token.")
        return document

    async def _json(
        self, request: httpx.Request, auth: httpx.BasicAuth | None = None
    ) -> dict[str, Any]:
        request.headers["Accept"] = "application/json"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await self._http.send(request, auth=auth, stream=True)
                body = await _bounded(response)
        except (httpx.HTTPError, TimeoutError) as error:
            raise SignInFailed(f"The provider does not answer: {type(error).__name__}.") from error
        if response.status_code != httpx.codes.OK:
            place = urlsplit(str(request.url)).path
            raise SignInFailed(f"The provider answers {place} with {response.status_code}.")
        try:
            document = httpx.Response(200, content=body).json()
        except ValueError as error:
            raise SignInFailed("The provider's answer is not JSON.") from error
        if not isinstance(document, dict):
            raise SignInFailed("The provider's answer is not a JSON object.")
        return document


class Providers:
    """The providers of all tenants, each described once in ten minutes.

    Args:
        http: follows no redirects.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._providers: dict[str, Provider] = {}

    def of(self, issuer: str) -> Provider:
        """Return the provider of this name."""
        if issuer not in self._providers:
            if len(self._providers) >= MAX_PROVIDERS:
                self._providers.pop(next(iter(self._providers)))
            self._providers[issuer] = Provider(self._http, issuer)
        return self._providers[issuer]


def require_safe(url: str) -> str:
    """Return an address to which codes, secrets and keys may travel: over TLS, or to this machine.

    Raises:
        SignInFailed: it is neither.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS:
        return url
    raise SignInFailed("The provider is not reached over TLS (https).", field="issuer")


def _checked(document: dict[str, Any], issuer: str) -> ProviderMetadata:
    """Return a provider's description if it is its own (Discovery 1.0, section 4.3)."""
    try:
        metadata = ProviderMetadata.model_validate(document)
    except ValidationError as error:
        raise SignInFailed("The provider's description is incomplete.") from error
    if metadata.issuer != issuer:
        raise SignInFailed("The provider's description is of another issuer.", field="issuer")
    methods = metadata.code_challenge_methods_supported
    if methods is not None and "S256" not in methods:
        raise SignInFailed("The provider does not take PKCE with S256.")
    for endpoint in (
        metadata.authorization_endpoint,
        metadata.token_endpoint,
        metadata.jwks_uri,
        metadata.userinfo_endpoint,
        metadata.end_session_endpoint,
    ):
        if endpoint is not None:
            require_safe(endpoint)
    return metadata


def _signing_keys(document: dict[str, Any]) -> KeySet:
    """Return the public keys of a set that sign: no shared secrets, none that only encrypt."""
    given = document.get("keys")
    keys = [
        key
        for key in (given if isinstance(given, list) else [])
        if isinstance(key, dict) and key.get("kty") in _KEY_TYPES and key.get("use") != "enc"
    ]
    try:
        return KeySet.import_key_set({"keys": keys})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise SignInFailed("The provider has no signing key that can be used.") from error


def _takes_basic(metadata: ProviderMetadata) -> bool:
    methods = metadata.token_endpoint_auth_methods_supported
    return "client_secret_basic" in methods or "client_secret_post" not in methods


async def _bounded(response: httpx.Response) -> bytes:
    """Read an answer up to its limit, then close it."""
    body = b""
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise SignInFailed("The provider's answer is too long.")
    finally:
        await response.aclose()
    return body
