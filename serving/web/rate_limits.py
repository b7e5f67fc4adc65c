"""Rate limits by credential, and the headers that tell of them.

Source of the headers: draft-ietf-httpapi-ratelimit-headers-10 (`RateLimit-Policy`, `RateLimit`).
The counting is throttled-py's generic cell rate algorithm: a full minute's share may come at once,
then it refills evenly. Each process counts for itself: n gateways let n times as much pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fastapi.requests import HTTPConnection
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from throttled.asyncio import MemoryStore, RateLimiterType, Throttled, rate_limiter

from lessons.errors import TooManyRequests
from lessons.policy import Credential

WINDOW_SECONDS = 60
PER_MINUTE_OF_ONE_PERSON = 1200
"""For a participant token or a signed-in person: a busy page asks a few times a second."""
PER_MINUTE_OF_AN_ADDRESS = 3000
"""For what needs no credential and costs something: signing in. A school may share one address."""
MAX_COUNTED = 100_000
"""Credentials counted at once; the least recently used is forgotten for a new one."""

_STATE_KEY = "lectern.rate_limit"


@dataclass(frozen=True, slots=True)
class Share:
    """What is left of somebody's share after a request.

    Attributes:
        policy: whose share it is: `key`, `person`, `participant` or `address`.
        quota, remaining: requests in a window of 60 s, and how many of them are left.
        reset_seconds: until the share is whole again.
    """

    policy: str
    quota: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        """Return the two header fields, as structured fields (RFC 9651)."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.policy}";r={self.remaining};t={self.reset_seconds}',
        }


class RateLimits:
    """Takes requests from the share of whoever sends them."""

    def __init__(self) -> None:
        self._store = MemoryStore(options={"MAX_SIZE": MAX_COUNTED})
        self._limiters: dict[int, Throttled] = {}

    async def take(
        self, connection: HTTPConnection, credential: Credential, per_minute_of_a_key: int
    ) -> None:
        """Take one request from the share of a credential and note it for the headers.

        Args:
            per_minute_of_a_key: the quota of an API key; 0 means none.

        Raises:
            TooManyRequests: the share is used up.
        """
        if credential.kind != "api_key":
            await self._take(
                connection, credential.kind, credential.actor, PER_MINUTE_OF_ONE_PERSON
            )
        elif per_minute_of_a_key:
            await self._take(connection, "key", credential.actor, per_minute_of_a_key)

    async def take_for_address(self, connection: HTTPConnection, address: str) -> None:
        """Take one request from the share of an address.

        Raises:
            TooManyRequests: the share is used up.
        """
        await self._take(connection, "address", address, PER_MINUTE_OF_AN_ADDRESS)

    async def _take(
        self, connection: HTTPConnection, policy: str, name: str, per_minute: int
    ) -> None:
        outcome = await self._limiter(per_minute).limit(f"{policy}:{name}")
        state = outcome.state
        share = Share(policy, state.limit, state.remaining, math.ceil(state.reset_after))
        connection.scope.setdefault("state", {})[_STATE_KEY] = share
        if outcome.limited:
            raise TooManyRequests(
                f"More than {per_minute} requests in a minute.",
                fix="Wait as long as Retry-After says; RateLimit tells what is left.",
                retry_after_seconds=max(1, math.ceil(state.retry_after)),
            )

    def _limiter(self, per_minute: int) -> Throttled:
        if per_minute not in self._limiters:
            self._limiters[per_minute] = Throttled(
                using=RateLimiterType.GCRA.value,
                quota=rate_limiter.per_min(per_minute, burst=per_minute),
                store=self._store,
            )
        return self._limiters[per_minute]


class RateLimitHeaders:
    """ASGI middleware that tells every caller what is left of their share."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_headers(message: Message) -> None:
            share = state.get(_STATE_KEY)
            if message["type"] == "http.response.start" and share is not None:
                MutableHeaders(scope=message).update(share.headers())
            await send(message)

        await self._app(scope, receive, send_with_headers)
