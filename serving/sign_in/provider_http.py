"""Asks OpenID providers over HTTP. Tenants choose their addresses, so nothing internal is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from integrations.address_guard import AddressGuard, AddressRefused
from integrations.guarded_http import GuardedHttp, NoAnswer, NoHttp
from serving.sign_in.failure import SignInFailed

MAX_ANSWER_BYTES = 512 * 1024
ANSWER_SECONDS = 10.0

_OK = 200


class ProviderHttp:
    """Connections to providers. Redirections are not followed.

    Args:
        guard: which addresses may be reached.
    """

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._http = GuardedHttp(guard, ANSWER_SECONDS)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def require_safe(self, url: str) -> str:
        """Return an address to which codes, secrets and keys may travel.

        Raises:
            SignInFailed: it is not https, nor in a network that the operator vouches for.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise SignInFailed("The provider's address is no URL.", field="issuer") from error
        if parts.scheme == "https" and host:
            return url
        if parts.scheme == "http" and host and await self._is_vouched_for(host, port or 80):
            return url
        raise SignInFailed("The provider is not reached over TLS (https).", field="issuer")

    async def json(
        self,
        url: str,
        form: Mapping[str, str] | None = None,
        authorization: str | None = None,
    ) -> dict[str, Any]:
        """Get a JSON object, or post a form for one.

        Raises:
            SignInFailed: there is no such answer within its time and length.
        """
        headers = {"Accept": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        content = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = urlencode(form).encode()
        method = "GET" if content is None else "POST"
        try:
            answer = await self._http.request(
                method, url, headers, content, most_bytes=MAX_ANSWER_BYTES
            )
        except AddressRefused as refusal:
            raise SignInFailed("The provider's address may not be reached.") from refusal
        except NoHttp as error:
            raise SignInFailed("The provider does not answer in HTTP.") from error
        except NoAnswer as error:
            raise SignInFailed("The provider does not answer.") from error
        if not answer.is_whole:
            raise SignInFailed("The provider's answer is too long.")
        if answer.status != _OK:
            raise SignInFailed(f"The provider answers {urlsplit(url).path} with {answer.status}.")
        return _object(answer.body)

    async def _is_vouched_for(self, host: str, port: int) -> bool:
        try:
            addresses = await self._guard.resolve(host, port)
        except AddressRefused as refusal:
            raise SignInFailed("The provider's address may not be reached.") from refusal
        return all(map(self._guard.is_vouched_for, addresses))


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SignInFailed("The provider's answer is not JSON.") from error
    if not isinstance(document, dict):
        raise SignInFailed("The provider's answer is not a JSON object.")
    return document
