"""A request's body as JSON, read strictly, where no model of pydantic's describes all of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fastapi import Request
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from lessons.errors import InvalidInput, UnsupportedMedia


async def json_body(request: Request, media_types: Collection[str]) -> Any:
    """Return the JSON value of the body.

    NaN, infinities and broken UTF-8 (lone surrogates included) are no JSON (RFC 8259), and nesting
    past 200 levels is not taken; Python's own parser lets the first pass and falls over the last.

    Raises:
        UnsupportedMedia: the body is declared as something else.
        InvalidInput: it is no JSON in UTF-8, or the sender went away before its end.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in media_types:
        raise UnsupportedMedia(
            f"The body is declared as {declared or 'nothing'!r}.",
            field="Content-Type",
            fix=f"Send one of: {', '.join(media_types)}.",
        )
    try:
        return from_json(await request.body(), allow_inf_nan=False)
    except ClientDisconnect as gone:
        raise InvalidInput("The body broke off.", field="body", fix="Send it again.") from gone
    except ValueError as error:
        raise InvalidInput(
            f"The body is not valid JSON in UTF-8: {error}.",
            field="body",
            fix="Send one JSON document.",
        ) from error
