"""One HTTP request to an address that somebody else chose: nothing internal, bounded, once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpcore

from integrations.address_guard import AddressGuard, GuardedBackend
from lessons.errors import LecternError

IDLE_SECONDS = 30.0
"""How long a connection is kept for the next request."""


class NoAnswer(LecternError):
    """Nobody answered in time, or nobody is there; the request may have been taken all the same."""

    code = "no_answer"


class NoHttp(NoAnswer):
    """What answered does not speak HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: the HTTP status; redirections are not followed.
        body: the body, or its beginning.
        is_whole: whether there was no more of it.
    """

    status: int
    body: bytes
    is_whole: bool


class GuardedHttp:
    """Keeps connections open between requests; close it at the end.

    Args:
        guard: which addresses may be reached.
        timeout_seconds: for one request, its answer included.
    """

    def __init__(self, guard: AddressGuard, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedBackend(guard),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        most_bytes: int,
    ) -> Answer:
        """Send a request once, and read so many bytes of its answer at most.

        Raises:
            AddressRefused: the host has no address, or one that is internal.
            NoAnswer: there was none in time, or no connection.
            NoHttp: what answers is not HTTP.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._request(method, url, headers, body, most_bytes)
        except TimeoutError as error:
            raise NoAnswer(f"No answer within {self._timeout_seconds:g} s.") from error
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            raise NoAnswer(f"The connection failed: {error or type(error).__name__}.") from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise NoHttp(f"The answer is not HTTP: {error}.") from error

    async def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        most_bytes: int,
    ) -> Answer:
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        async with self._pool.stream(method, url, headers=sent, content=body) as response:
            read = b""
            async for chunk in response.aiter_stream():
                read += chunk
                if len(read) > most_bytes:
                    return Answer(response.status, read[:most_bytes], is_whole=False)
            return Answer(response.status, read, is_whole=True)
