"""Reading a request's body as strict JSON."""

from __future__ import annotations

import pytest
from fastapi import Request
from starlette.types import Message

from lessons.errors import InvalidInput, UnsupportedMedia
from serving.web.json_body import json_body


def request(*messages: Message, declared: bytes = b"application/json") -> Request:
    """A request that arrives in these pieces."""
    pieces = iter(messages)

    async def receive() -> Message:
        return next(pieces)

    headers = [(b"content-type", declared)]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def piece(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_is_read_over_all_its_pieces() -> None:
    whole = request(piece(b'{"a": "\xc3', more=True), piece(b'\xa9"}'))
    assert await json_body(whole, ["application/json"]) == {"a": "é"}


async def test_a_sender_that_goes_away_leaves_no_half_of_a_body() -> None:
    broken = request(piece(b'{"a": 1}', more=True), {"type": "http.disconnect"})
    with pytest.raises(InvalidInput, match="broke off"):
        await json_body(broken, ["application/json"])


@pytest.mark.parametrize("declared", [b"text/plain", b"", b"application/jsonp"])
async def test_another_media_type_is_not_looked_into(declared: bytes) -> None:
    with pytest.raises(UnsupportedMedia):
        await json_body(request(piece(b"{}"), declared=declared), ["application/json"])
