"""Errors as OpenAI's API says them; its clients choose their exception by the status."""

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
)
from serving.compatible.vendor_route import VendorRoute, vendor_errors
from serving.web.problems import TooLarge

KINDS: tuple[tuple[type[LecternError], int, str, str], ...] = (
    (TooLarge, 413, "invalid_request_error", "too_large"),
    (InvalidInput, 400, "invalid_request_error", "invalid_value"),
    (NotAuthenticated, 401, "authentication_error", "invalid_api_key"),
    (NotAllowed, 403, "permission_error", "permission_denied"),
    (TooManyRequests, 429, "rate_limit_error", "rate_limit_exceeded"),
    (Unavailable, 503, "server_error", "service_unavailable"),
)
"""Error, status, OpenAI's type and code; the first match wins."""


class OpenAIErrorDetail(BaseModel):
    """What went wrong; `param` is the input at fault."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIError(BaseModel):
    """An error of OpenAI's API."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "message": "The loaded model does not transcribe 'xx'.",
                        "type": "invalid_request_error",
                        "param": "language",
                        "code": "invalid_value",
                    }
                }
            ]
        }
    )

    error: OpenAIErrorDetail


def error_of(error: LecternError) -> dict[str, Any]:
    """Return the object under `error`."""
    _, kind, code = _kind_of(error)
    message = f"{error.reason} {error.fix}" if error.fix else error.reason
    return {"message": message, "type": kind, "param": error.field, "code": code}


def error_response(error: LecternError) -> JSONResponse:
    """Return an error as a whole answer, with `Retry-After` where trying again may help."""
    status, _, _ = _kind_of(error)
    headers = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return JSONResponse({"error": error_of(error)}, status_code=status, headers=headers)


class OpenAIRoute(VendorRoute):
    """A route that answers with OpenAI's errors."""

    respond = staticmethod(error_response)


OPENAI_ERRORS = vendor_errors(OpenAIError, 400, 401, 403, 413, 429, 503)


def _kind_of(error: LecternError) -> tuple[int, str, str]:
    found = (one[1:] for one in KINDS if isinstance(error, one[0]))
    return next(found, (400, "invalid_request_error", error.code))
