"""A tenant's OpenID provider: where it is, its keys, and what it answers.

Source: OpenID Connect Discovery 1.0; RFC 8414; RFC 6749.
"""

from __future__ import annotations

import base64
import time
from typing import Any, Self
from urllib.parse import quote_plus

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from integrations.address_guard import AddressGuard
from serving.sign_in.failure import SignInFailed
from serving.sign_in.id_tokens import ALGORITHMS
from serving.sign_in.provider_http import ProviderHttp

KNOWN_FOR_SECONDS = 600.0
"""How long a provider's description and keys are taken as they were read."""
KEYS_ASKED_AGAIN_AFTER_SECONDS = 30.0
"""An unknown key has the keys read again, but not more often than this."""
MAX_PROVIDERS = 1000
"""Descriptions kept at once; beyond, the oldest is read again when it is needed."""

_KEY_TYPES = frozenset({"RSA", "EC"})


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
        issuer: the provider's name and place, letter for letter.
    """

    def __init__(self, http: ProviderHttp, issuer: str) -> None:
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
            document = await self._http.json(await self._http.require_safe(url))
            self._metadata = await self._checked(document)
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
            document = await self._http.json((await self.metadata()).jwks_uri)
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
        basic = None
        if client.secret and _takes_basic(metadata):
            basic = _basic(client.id, client.secret)
        elif client.secret:
            form["client_secret"] = client.secret
        document = await self._http.json(metadata.token_endpoint, form, basic)
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
        document = await self._http.json(endpoint, authorization=f"Bearer {access_token}")
        if document.get("sub") != subject:
            raise SignInFailed("The provider speaks of somebody else than its ID token.")
        return document

    async def _checked(self, document: dict[str, Any]) -> ProviderMetadata:
        """Return the description if it is the provider's own (Discovery 1.0, section 4.3)."""
        try:
            metadata = ProviderMetadata.model_validate(document)
        except ValidationError as error:
            raise SignInFailed("The provider's description is incomplete.") from error
        if metadata.issuer != self.issuer:
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
                await self._http.require_safe(endpoint)
        return metadata


class Providers:
    """The providers of all tenants, each described once in ten minutes. Use it with `async with`.

    Args:
        guard: which addresses may be reached.
    """

    def __init__(self, guard: AddressGuard) -> None:
        self._http = ProviderHttp(guard)
        self._providers: dict[str, Provider] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    def of(self, issuer: str) -> Provider:
        """Return the provider of this name."""
        if issuer not in self._providers:
            if len(self._providers) >= MAX_PROVIDERS:
                self._providers.pop(next(iter(self._providers)))
            self._providers[issuer] = Provider(self._http, issuer)
        return self._providers[issuer]


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


def _basic(name: str, secret: str) -> str:
    """Return the header of RFC 6749, section 2.3.1: both are form-encoded first."""
    pair = f"{quote_plus(name)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"
