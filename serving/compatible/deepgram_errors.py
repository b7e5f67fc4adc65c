"""Errors as Deepgram's API says them: as an answer, or as a message on an open stream."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from lessons.errors import (
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    TooManyRequests,
    Unavailable,
    UnsupportedMedia,
)
from lessons.identifiers import new_id
from serving.compatible.vendor_route import VendorRoute, vendor_errors
from serving.web.problems import TooLarge

KINDS: tuple[tuple[type[LecternError], int, str], ...] = (
    (TooLarge, 413, "PAYLOAD_TOO_LARGE"),
    (UnsupportedMedia, 400, "UNSUPPORTED_MEDIA_TYPE"),
    (InvalidInput, 400, "INVALID_QUERY_PARAMETER"),
    (NotAuthenticated, 401, "INVALID_AUTH"),
    (NotAllowed, 403, "INSUFFICIENT_PERMISSIONS"),
    (TooManyRequests, 429, "TOO_MANY_REQUESTS"),
    (Unavailable, 503, "SERVICE_UNAVAILABLE"),
)
"""Error, status and Deepgram's code; the first match wins."""


class DeepgramError(BaseModel):
    """An error of Deepgram's API."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "err_code": "INVALID_QUERY_PARAMETER",
                    "err_msg": "diarize: Speakers are not told apart by their voices.",
                    "request_id": "req_01kb9x5t7v0000000000000000",
                }
            ]
        }
    )

    err_code: str
    err_msg: str
    request_id: str


def error_response(error: LecternError) -> JSONResponse:
    """Return an error as a whole answer; `dg-error` has it for clients that see no body."""
    status, code = _kind_of(error)
    body = DeepgramError(err_code=code, err_msg=str(error), request_id=new_id("req"))
    headers = {"dg-error": _header_text(str(error)), "dg-request-id": body.request_id}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)


def error_message(error: LecternError) -> dict[str, Any]:
    """Return an error as a message on an open stream."""
    _, code = _kind_of(error)
    return {"type": "Error", "variant": code, "description": str(error), "message": error.reason}


class DeepgramRoute(VendorRoute):
    """A route that answers with Deepgram's errors."""

    respond = staticmethod(error_response)


DEEPGRAM_ERRORS = vendor_errors(DeepgramError, 400, 401, 403, 413, 429, 503)


def _kind_of(error: LecternError) -> tuple[int, str]:
    found = (one[1:] for one in KINDS if isinstance(error, one[0]))
    return next(found, (400, error.code.upper()))


def _header_text(text: str) -> str:
    """Return a text as a header may carry it."""
    return text.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
