"""The two halves of a sign-in: where to send the browser, and what its return means.

Source: OpenID Connect Core 1.0, section 3.1; RFC 9207 (the issuer in the answer); RFC 9700.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from lessons.store.identities import MAX_NAME_CHARACTERS, Identity, IdentityStore
from lessons.store.tenants import TenantStore
from serving.sign_in.attempt import Attempt, begin_attempt
from serving.sign_in.failure import SignInFailed
from serving.sign_in.id_tokens import UnknownKey, read_id_token
from serving.sign_in.provider import Client, Provider, ProviderMetadata, Providers, TokenAnswer

MAX_EMAIL_CHARACTERS = 320
MAX_CODE_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider's redirect brought back, as it stood in the address."""

    state: str
    code: str | None = None
    error: str | None = None
    issuer: str | None = None


class SignInFlow:
    """Signs people in at the providers of their tenants."""

    def __init__(
        self, tenants: TenantStore, identities: IdentityStore, providers: Providers
    ) -> None:
        self._tenants = tenants
        self._identities = identities
        self._providers = providers

    async def issuer_of(self, tenant_id: str) -> str | None:
        """Return the provider at which the tenant's people sign in; None where it has none."""
        settings = (await self._tenants.settings(tenant_id)).sign_in
        return settings.issuer if settings.issuer and settings.client_id else None

    async def begin(self, tenant_id: str, redirect_uri: str, return_to: str) -> tuple[Attempt, str]:
        """Return a new attempt, and the address at the provider to send the browser to.

        Raises:
            SignInFailed: the tenant has no provider, or it does not answer.
        """
        issuer = await self.issuer_of(tenant_id)
        if issuer is None:
            raise SignInFailed(
                "This tenant has no identity provider.",
                "not_set_up",
                fix="An administrator sets sign_in.issuer and sign_in.client_id of the tenant.",
            )
        client, scopes = await self._client(tenant_id)
        metadata = await self._providers.of(issuer).metadata()
        attempt = begin_attempt(tenant_id, issuer, redirect_uri, return_to)
        query = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return attempt, _with_query(metadata.authorization_endpoint, query)

    async def finish(self, attempt: Attempt, answer: Answer) -> str:
        """Return the id of the person who came back from the provider.

        Raises:
            SignInFailed: the answer is a refusal, or does not hold together.
            NotAuthenticated: the person was erased.
        """
        if attempt.issuer != await self.issuer_of(attempt.tenant_id):
            raise SignInFailed("The tenant's provider has changed meanwhile.", "expired")
        provider = self._providers.of(attempt.issuer)
        _require_same_issuer(answer, await provider.metadata())
        if answer.error is not None or not answer.code:
            raise SignInFailed("The provider did not sign the person in.", "declined")
        if len(answer.code) > MAX_CODE_CHARACTERS:
            raise SignInFailed("The provider's code is too long.")
        client, _ = await self._client(attempt.tenant_id)
        tokens = await provider.redeem(client, answer.code, attempt.verifier, attempt.redirect_uri)
        claims = await _claims(provider, client, tokens, attempt.nonce)
        identity = await self._identity(provider, tokens, claims)
        return await self._identities.person_of(attempt.tenant_id, identity)

    async def sign_out_address(self, tenant_id: str, back_to: str) -> str | None:
        """Return where the browser can end its session at the provider as well, if anywhere.

        Source: OpenID Connect RP-Initiated Logout 1.0.

        Raises:
            SignInFailed: the provider does not answer.
        """
        issuer = await self.issuer_of(tenant_id)
        if issuer is None:
            return None
        endpoint = (await self._providers.of(issuer).metadata()).end_session_endpoint
        if endpoint is None:
            return None
        client, _ = await self._client(tenant_id)
        return _with_query(endpoint, {"client_id": client.id, "post_logout_redirect_uri": back_to})

    async def _client(self, tenant_id: str) -> tuple[Client, list[str]]:
        settings = (await self._tenants.settings(tenant_id)).sign_in
        scopes = ["openid", *(scope for scope in settings.scopes if scope != "openid")]
        return Client(id=settings.client_id or "", secret=settings.client_secret), scopes

    async def _identity(
        self, provider: Provider, tokens: TokenAnswer, claims: Mapping[str, Any]
    ) -> Identity:
        """Return who it is, with name and address from wherever the provider tells them."""
        told = dict(claims)
        if tokens.access_token and not {"name", "email"} <= told.keys():
            told = await provider.user_info(tokens.access_token, claims["sub"]) | told
        return Identity(
            issuer=provider.issuer,
            subject=claims["sub"],
            name=_text(told.get("name"), MAX_NAME_CHARACTERS),
            email=_text(told.get("email"), MAX_EMAIL_CHARACTERS)
            if told.get("email_verified") is True
            else None,
        )


async def _claims(
    provider: Provider, client: Client, tokens: TokenAnswer, nonce: str
) -> Mapping[str, Any]:
    """Return the claims of the ID token; a key that is not known yet is asked for once."""
    metadata = await provider.metadata()
    for newer in (False, True):
        try:
            return read_id_token(
                tokens.id_token,
                await provider.keys(newer=newer),
                issuer=metadata.issuer,
                client_id=client.id,
                nonce=nonce,
                access_token=tokens.access_token,
                algorithms=metadata.id_token_signing_alg_values_supported,
            )
        except UnknownKey:
            if newer:
                raise
    raise AssertionError("unreachable: the second round returns or raises")


def _require_same_issuer(answer: Answer, metadata: ProviderMetadata) -> None:
    """Refuse an answer that another provider gave (RFC 9207, section 2.4)."""
    missing = answer.issuer is None and metadata.authorization_response_iss_parameter_supported
    if missing or answer.issuer not in (None, metadata.issuer):
        raise SignInFailed("The answer is another provider's.", field="iss")


def _with_query(address: str, query: Mapping[str, str]) -> str:
    separator = "&" if urlsplit(address).query else "?"
    return f"{address}{separator}{urlencode(query)}"


def _text(value: object, limit: int) -> str | None:
    """Return a claim as text that can be stored; None where it is none."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").strip()[:limit] or None
