"""Protection against guessing: whoever sends wrong credentials waits, longer each time.

What is wrong here is a secret for the id of an API key or of a sign-in. A credential that was good
once and has expired or was revoked is nobody's guess and costs nothing. Each process counts for
itself: with n gateways somebody who guesses has n times the tries, against secrets of 256 bits.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi.requests import HTTPConnection

from lessons.errors import TooManyRequests

FREE_TRIES = 5
"""Wrong credentials for one name from one address before it has to wait."""
FREE_TRIES_OF_ADDRESS = 100
"""Wrong credentials from one address for any names; a school may share one address."""
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 15 * 60.0
FORGOTTEN_AFTER_SECONDS = 3600.0
"""A count without a new try for so long begins anew."""
MAX_COUNTS = 50_000
"""Counts kept in memory; the least recently changed is dropped for a new one."""

ANY_NAME = "*"
_IPV6_NETWORK_BITS = 64


@dataclass(slots=True)
class _Count:
    tries: int
    changed_at: float
    waits_until: float


def address_of(connection: HTTPConnection) -> str:
    """Return the caller's network address: of IPv6 its /64, which one household has whole."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host or "unknown"
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped is not None:
        return str(mapped)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_NETWORK_BITS), strict=False))
    return str(address)


class GuessGuard:
    """Counts wrong credentials by address, and by address and name (an API key's id, say).

    A lock of a name holds for that address alone, so that nobody can lock somebody else's key. A
    lock of a whole address spares the names that were right from there within the last hour.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._right: OrderedDict[tuple[str, str], float] = OrderedDict()

    def require_allowed(self, address: str, name: str) -> None:
        """Let a try pass, or say how long to wait; the credential is not even looked at then.

        Raises:
            TooManyRequests: too many of them were wrong.
        """
        now = self._clock()
        names = [name] if self._was_right(address, name, now) else [name, ANY_NAME]
        waits_until = max(self._waits_until(address, each, now) for each in names)
        if waits_until > now:
            raise TooManyRequests(
                "Too many wrong credentials came from this address.",
                field="Authorization",
                fix="Wait as long as Retry-After says, then send the right one.",
                retry_after_seconds=math.ceil(waits_until - now),
            )

    def wrong(self, address: str, name: str) -> None:
        """Count a wrong credential."""
        self._count(address, name, FREE_TRIES)
        self._count(address, ANY_NAME, FREE_TRIES_OF_ADDRESS)

    def right(self, address: str, name: str) -> None:
        """Forget what was wrong under this name; the count of the whole address stays."""
        self._counts.pop((address, name), None)
        self._right[address, name] = self._clock()
        self._right.move_to_end((address, name))
        if len(self._right) > MAX_COUNTS:
            self._right.popitem(last=False)

    def _was_right(self, address: str, name: str, now: float) -> bool:
        return self._right.get((address, name), -math.inf) > now - FORGOTTEN_AFTER_SECONDS

    def _waits_until(self, address: str, name: str, now: float) -> float:
        count = self._counts.get((address, name))
        return count.waits_until if count else now

    def _count(self, address: str, name: str, free_tries: int) -> None:
        now = self._clock()
        count = self._counts.pop((address, name), None)
        if count is None or count.changed_at <= now - FORGOTTEN_AFTER_SECONDS:
            count = _Count(0, now, now)
        count.tries += 1
        count.changed_at = now
        count.waits_until = now + _wait_seconds(count.tries - free_tries)
        self._counts[address, name] = count
        if len(self._counts) > MAX_COUNTS:
            self._counts.popitem(last=False)


def _wait_seconds(tries_too_many: int) -> float:
    """Return 0 s while tries are free, then 1, 2, 4 ... s, at most a quarter of an hour."""
    if tries_too_many <= 0:
        return 0.0
    doublings = min(tries_too_many - 1, math.ceil(math.log2(LONGEST_WAIT_SECONDS)))
    return min(FIRST_WAIT_SECONDS * 2.0**doublings, LONGEST_WAIT_SECONDS)
