"""Captions for a Zoom meeting: its closed caption URL takes them line by line, numbered.

Source: Zoom's support article 115002212983, "Integrating a third-party closed captioning service".
Every POST carries `seq`, which grows by one from line to line and stays the same when a line is
sent again; `GET .../closedcaption/seq` tells the last one that was taken.
"""

from __future__ import annotations

import textwrap
from http import HTTPStatus
from typing import Self
from urllib.parse import SplitResult, urlsplit, urlunsplit

from integrations.address_guard import AddressGuard, AddressRefused
from integrations.guarded_http import GuardedHttp, NoAnswer
from lessons.errors import InvalidInput, LecternError
from lessons.events import CaptionFinal

LINE_CHARACTERS = 80
"""Longest line of a caption; Zoom wraps it by the width of each participant's window."""

TIMEOUT_SECONDS = 10.0
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
    """

    def __init__(self, guard: AddressGuard, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._http = GuardedHttp(guard, timeout_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def send(self, url: str, number: int, language: str, line: str) -> None:
        """Post one line under its number.

        Raises:
            ZoomFailure: it was not taken, or nobody knows.
        """
        body = f"{line}\n".encode()
        await self._request("POST", line_url(url, number, language), body)

    async def last_number(self, url: str) -> int:
        """Return the number of the last line that the meeting took.

        Raises:
            ZoomFailure: it does not say.
        """
        answer = await self._request("GET", number_url(url), None)
        try:
            return int(answer.strip() or "0")
        except ValueError as error:
            raise ZoomFailure(f"Zoom's number is {answer!r}.", refused=True) from error

    async def _request(self, method: str, url: str, body: bytes | None) -> str:
        headers = {"content-type": "text/plain; charset=utf-8", "user-agent": USER_AGENT}
        try:
            answer = await self._http.request(method, url, headers, body, most_bytes=_ANSWER_BYTES)
        except AddressRefused as refusal:
            raise ZoomFailure(refusal.reason, refused=True) from refusal
        except NoAnswer as failure:
            raise ZoomFailure(failure.reason, refused=False) from failure
        text = answer.body.decode("utf-8", "replace")
        if not 200 <= answer.status < 300:
            raise _refusal(answer.status, text)
        return text


def _refusal(status: int, answer: str) -> ZoomFailure:
    meanings = {400: "the meeting has not started", 403: "the URL is not whole, or has expired"}
    meaning = meanings.get(status) or answer.strip() or "no reason"
    # A server that failed may have taken the line before it did.
    refused = 300 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT
    return ZoomFailure(f"Zoom answered {status}: {meaning}.", refused=refused)
