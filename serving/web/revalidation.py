"""Answers that a client may keep and asks about: an ETag of what they say, and 304 (RFC 9110)."""

from __future__ import annotations

import hashlib

from fastapi import Request
from fastapi.responses import Response

KEPT_BY_ITS_READER = "private, no-cache"
"""What was read with a credential stays with its reader, who asks each time whether it changed."""

_DIGITS = 32


def revalidated(request: Request, text: str, media_type: str) -> Response:
    """Return a text with its ETag, or 304 where the client has it already."""
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"'
    headers = {"ETag": tag, "Cache-Control": KEPT_BY_ITS_READER}
    known = {one.strip().removeprefix("W/") for one in _none_match(request).split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=media_type, headers=headers)


def _none_match(request: Request) -> str:
    return request.headers.get("if-none-match", "")
