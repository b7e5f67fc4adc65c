"""Rate limits by credential, and the headers that tell of them.

Source of the headers: draft-ietf-httpapi-ratelimit-headers-10 (`RateLimit-Policy`, `RateLimit`).
The counting is throttled-py's generic cell rate algorithm: a full minute's share may come at once,
then it refills evenly. Each process counts for itself: n gateways let n times as much pass.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

from fastapi.requests import HTTPConnection
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from throttled.asyncio import MemoryStore, RateLimiterType, Throttled, rate_limiter

from lessons.errors import TooManyRequests
from lessons.policy import Credential
from lessons.store.tenants import TenantStore

WINDOW_SECONDS = 60
PER_MINUTE_OF_ONE_PERSON = 1200
"""For a participant token or a signed-in person: a busy page asks a few times a second."""
PER_MINUTE_OF_AN_ADDRESS = 3000
"""For signing in and for wrong credentials. A whole school may share one address."""
TENANT_LIMIT_KNOWN_SECONDS = 30.0
"""How long a tenant's own limit is taken as it was read."""
MAX_TENANTS_KNOWN = 10_000
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
    """Takes requests from the share of whoever sends them.

    Args:
        tenants: where a tenant's own limit is, for each of its credentials.
        per_minute_of_a_key: the installation's limit for an API key; 0 means none.
    """

    def __init__(self, tenants: TenantStore, per_minute_of_a_key: int) -> None:
        self._tenants = tenants
        self._per_minute_of_a_key = per_minute_of_a_key
        self._tenant_limits: OrderedDict[str, tuple[int | None, float]] = OrderedDict()
        self._store = MemoryStore(options={"MAX_SIZE": MAX_COUNTED})
        self._limiters: dict[int, Throttled] = {}

    async def take(self, connection: HTTPConnection, credential: Credential) -> None:
        """Take one request from the share of a credential and note it for the headers.

        Raises:
            TooManyRequests: the share is used up.
        """
        of_key = credential.kind == "api_key"
        own = self._per_minute_of_a_key if of_key else PER_MINUTE_OF_ONE_PERSON
        tenants = await self._limit_of(credential.home_tenant_id)
        limits = [limit for limit in (own, tenants) if limit]
        if limits:
            policy = "key" if of_key else credential.kind
            await self._take(connection, policy, credential.actor, min(limits))

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

    async def _limit_of(self, tenant_id: str) -> int | None:
        now = time.monotonic()
        limit, read_at = self._tenant_limits.get(tenant_id, (None, -math.inf))
        if now - read_at > TENANT_LIMIT_KNOWN_SECONDS:
            limit = (await self._tenants.settings(tenant_id)).rate_limit_per_minute
            self._tenant_limits[tenant_id] = limit, now
            if len(self._tenant_limits) > MAX_TENANTS_KNOWN:
                self._tenant_limits.popitem(last=False)
        return limit

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
