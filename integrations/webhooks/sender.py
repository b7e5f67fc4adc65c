"""Sends one message to one webhook, once, and says what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from integrations.address_guard import AddressGuard, AddressRefused
from integrations.guarded_http import Answer, GuardedHttp, NoAnswer
from integrations.webhooks.schedule import TIMEOUT_SECONDS, is_delivered
from integrations.webhooks.signing import signature
from lessons.errors import InvalidInput

MAX_URL_CHARACTERS = 2000
KEPT_ANSWER_BYTES = 500
"""Of the answer's body, for the delivery log; the rest is not read."""
USER_AGENT = "Lectern-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending a message.

    Attributes:
        at: when it was sent.
        duration_ms: until the answer, or until it was given up.
        status: the HTTP status; None without an answer.
        error: why it does not count as delivered; None where it does.
        answer: the beginning of the answer's body.
    """

    at: datetime
    duration_ms: int
    status: int | None = None
    error: str | None = None
    answer: str = ""

    @property
    def delivered(self) -> bool:
        """Whether the receiver took the message."""
        return self.error is None


class WebhookSender:
    """Keeps connections to receivers open between messages. Use it with `async with`.

    Args:
        guard: which addresses may be reached.
        timeout_seconds: for one attempt.
    """

    def __init__(self, guard: AddressGuard, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._guard = guard
        self._http = GuardedHttp(guard, timeout_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def check_url(self, url: str) -> None:
        """Refuse a URL that nothing would ever be sent to.

        Raises:
            InvalidInput: it is malformed, or not `https` to a host of the internet.
        """
        host, port, is_secure = _parts(url)
        addresses = await self._guard.resolve(host, port)
        if not is_secure and not all(map(self._guard.is_vouched_for, addresses)):
            raise InvalidInput("It is not https.", field="url", fix="Send an https URL.")

    async def send(
        self, url: str, keys: Sequence[bytes], message_id: str, body: bytes, at: datetime
    ) -> Attempt:
        """Send a message, and never raise for what its receiver does.

        Args:
            keys: the secrets to sign with; two during a rotation.
            at: the time of the attempt, which is signed.
        """
        started = time.monotonic()
        status, text, error = None, "", None
        try:
            answer = await self._post(url, keys, message_id, body, at)
            status, text = answer.status, answer.body.decode("utf-8", "replace")
            error = None if is_delivered(status) else _refusal(status)
        except AddressRefused as refusal:
            error = refusal.reason
        except NoAnswer as failure:
            error = _in_passing(failure.reason)
        return Attempt(at, round(1000 * (time.monotonic() - started)), status, error, text)

    async def _post(
        self, url: str, keys: Sequence[bytes], message_id: str, body: bytes, at: datetime
    ) -> Answer:
        timestamp = int(at.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(keys, message_id, timestamp, body),
        }
        return await self._http.request("POST", url, headers, body, most_bytes=KEPT_ANSWER_BYTES)


def _in_passing(sentence: str) -> str:
    """Return a sentence as it stands in the middle of others: in notices and in the log."""
    return sentence[0].lower() + sentence[1:].removesuffix(".")


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"the receiver answered {status}: redirections are not followed"
    return f"the receiver answered {status}"


def _parts(url: str) -> tuple[str, int, bool]:
    """Return host, port and whether it is https.

    Raises:
        InvalidInput: it is not a URL of a receiver.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidInput(f"It is not a URL: {error}.", field="url") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or len(url) > MAX_URL_CHARACTERS:
        raise InvalidInput(
            "It is not an http(s) URL of at most 2000 characters.",
            field="url",
            fix="Send one such as https://platform.example/hooks.",
        )
    if parts.username is not None or parts.fragment or not url.isascii() or " " in url:
        raise InvalidInput(
            "It has a user name, a fragment, a space or characters beyond ASCII.",
            field="url",
            fix="Leave them out, or percent-encode them.",
        )
    is_secure = parts.scheme == "https"
    return parts.hostname, port or (443 if is_secure else 80), is_secure
