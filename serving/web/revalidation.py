"""Answers that a client may keep and asks about: an ETag of what they say, and 304 (RFC 9110)."""

from __future__ import annotations

import hashlib

from fastapi.responses import Response

KEPT_BY_ITS_READER = "private, no-cache"
"""What was read with a credential stays with its reader, who asks each time whether it changed."""

_DIGITS = 32


def revalidated(text: str, media_type: str, if_none_match: str | None) -> Response:
    """Return a text with its ETag, or 304 where the client has it already.

    Args:
        if_none_match: the header `If-None-Match`.
    """
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]}"'
    headers = {"ETag": tag, "Cache-Control": KEPT_BY_ITS_READER}
    known = {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}
    if not known.isdisjoint({tag, "*"}):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type=media_type, headers=headers)
