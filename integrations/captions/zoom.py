"""Captions for a Zoom meeting: its closed caption URL takes them line by line, numbered.

Source: Zoom's support article 115002212983, "Integrating a third-party closed captioning service".
Every POST carries `seq`, which grows by one from line to line and stays the same when a line is
sent again; `GET .../closedcaption/seq` tells the last one that was taken.
"""

from __future__ import annotations

import asyncio
import ssl
import textwrap
from http import HTTPStatus
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpcore

from integrations.webhooks.address_guard import AddressGuard, AddressRefused, GuardedBackend
from lessons.errors import InvalidInput, LecternError
from lessons.events import CaptionFinal

LINE_CHARACTERS = 80
"""Longest line of a caption; Zoom wraps it by the width of each participant's window."""

TIMEOUT_SECONDS = 10.0
IDLE_SECONDS = 30.0
USER_AGENT = "Lectern-Captions/1"
_ANSWER_BYTES = 200
_OWN_PARAMETERS = ("seq", "lang")


class ZoomFailure(LecternError):
    """Zoom did not take a line.

    Args:
        refused: whether it said so; otherwise the line may have been taken and the answer lost.
    """

    code = "zoom_failure"

    def __init__(self, reason: str, *, refused: bool) -> None:
        super().__init__(reason)
        self.refused = refused


def lines_of(caption: CaptionFinal) -> list[str]:
    """Return a final as the lines that are sent, the first with its speaker's name."""
    text = f"{caption.participant_name}: {caption.text}"
    return textwrap.wrap(text, LINE_CHARACTERS, break_on_hyphens=False)


def host_of(url: str) -> str:
    """Return the host of a caption URL.

    Raises:
        InvalidInput: it is not one that Zoom gives out.
    """
    parts = urlsplit(url)
    if not parts.hostname or not parts.query or not parts.path.strip("/"):
        raise InvalidInput(
            "It is not a meeting's caption URL.",
            field="url",
            fix="In the meeting choose 'Closed Caption', 'Copy the API token', and send it whole: "
            "https://wmcc.zoom.us/closedcaption?id=...&signature=...",
        )
    return parts.hostname


def line_url(url: str, number: int, language: str) -> str:
    """Return where a line is posted to."""
    parts = _given(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&seq={number}&lang={language}"))


def number_url(url: str) -> str:
    """Return where the number of the last line is asked for."""
    parts = _given(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/seq"))


def _given(url: str) -> SplitResult:
    """Return the URL as the meeting gave it, without a number or language that came along."""
    parts = urlsplit(url)
    kept = [one for one in parts.query.split("&") if one.split("=")[0] not in _OWN_PARAMETERS]
    return parts._replace(query="&".join(kept), fragment="")


class ZoomSender:
    """Keeps connections to meetings open between lines. Use it with `async with`.

    Args:
        guard: which addresses may be reached.
        timeout_seconds: for one request.
        tls: what server certificates are checked against; the usual authorities by default.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedBackend(guard),
        )

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def send(self, url: str, number: int, language: str, line: str) -> None:
        """Post one line under its number.

        Raises:
            ZoomFailure: it was not taken, or nobody knows.
        """
        body = f"{line}\n".encode()
        status, answer = await self._request("POST", line_url(url, number, language), body)
        if not 200 <= status < 300:
            raise _refusal(status, answer)

    async def last_number(self, url: str) -> int:
        """Return the number of the last line that the meeting took.

        Raises:
            ZoomFailure: it does not say.
        """
        status, answer = await self._request("GET", number_url(url), None)
        if not 200 <= status < 300:
            raise _refusal(status, answer)
        try:
            return int(answer.strip() or "0")
        except ValueError as error:
            raise ZoomFailure(f"Zoom's number is {answer!r}.", refused=True) from error

    async def _request(self, method: str, url: str, body: bytes | None) -> tuple[int, str]:
        headers: dict[bytes | str, bytes | str] = {
            "content-type": "text/plain; charset=utf-8",
            "user-agent": USER_AGENT,
        }
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                self._pool.stream(method, url, headers=headers, content=body) as response,
            ):
                answer = b""
                async for chunk in response.aiter_stream():
                    answer += chunk
                    if len(answer) >= _ANSWER_BYTES:
                        break
                return response.status, answer[:_ANSWER_BYTES].decode("utf-8", "replace")
        except TimeoutError as error:
            reason = f"No answer within {self._timeout_seconds:g} s."
            raise ZoomFailure(reason, refused=False) from error
        except AddressRefused as refusal:
            raise ZoomFailure(refusal.reason, refused=True) from refusal
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            reason = f"The connection failed: {error or type(error).__name__}."
            raise ZoomFailure(reason, refused=False) from error


def _refusal(status: int, answer: str) -> ZoomFailure:
    meanings = {400: "the meeting has not started", 403: "the URL is not whole, or has expired"}
    meaning = meanings.get(status) or answer.strip() or "no reason"
    # A server that failed may have taken the line before it did.
    refused = 300 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT
    return ZoomFailure(f"Zoom answered {status}: {meaning}.", refused=refused)
