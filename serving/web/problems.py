"""Errors on the wire: RFC 9457 `application/problem+json`, each with field, reason and fix."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from lessons.errors import (
    Conflict,
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooManyRequests,
    Unavailable,
    UnsupportedMedia,
)

logger = logging.getLogger(__name__)

PROBLEM_MEDIA_TYPE = "application/problem+json"


class TooLarge(InvalidInput):
    """The request body is larger than this operation takes."""

    code = "too_large"


class PreconditionFailed(LecternError):
    """A condition of the request (`If-Match`) does not hold."""

    code = "precondition_failed"


class Problem(BaseModel):
    """What went wrong (RFC 9457): `field` is the input at fault, `fix` what to do about it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:lectern:problem:invalid_input",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "'lerner' is not a role.",
                    "code": "invalid_input",
                    "field": "role",
                    "fix": "Did you mean 'learner'?",
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    fix: str | None = None


STATUSES: tuple[tuple[type[LecternError], HTTPStatus], ...] = (
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (UnsupportedMedia, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (InvalidInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotAuthenticated, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (PreconditionFailed, HTTPStatus.PRECONDITION_FAILED),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""First match wins: a subclass stands before its parent."""

CODES_OF_STATUSES: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: NotAuthenticated.code,
    HTTPStatus.FORBIDDEN: NotAllowed.code,
    HTTPStatus.NOT_FOUND: NotFound.code,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TooLarge.code,
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}

UNREADABLE = InvalidInput(
    "The body cannot be read: it is no UTF-8 text, or no form of the type that it says.",
    field="body",
    fix="Send what the Content-Type header says, JSON in UTF-8.",
)

TITLES: Mapping[int, str] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: "Unprocessable Content",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Content Too Large",
}
"""Names of RFC 9110 where Python's are older."""


def status_of(error: LecternError) -> int:
    """Return the HTTP status of an error."""
    return next(
        (status for kind, status in STATUSES if isinstance(error, kind)),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def problem_of(error: LecternError) -> Problem:
    """Return an error as it goes on the wire."""
    return _problem(status_of(error), error.code, error.reason, error.field, error.fix)


def problem_response(error: LecternError) -> JSONResponse:
    """Return an error as a whole HTTP response, with `Retry-After` or `WWW-Authenticate`."""
    return _respond(problem_of(error), _headers_of(error))


def first_validation_error(errors: list[Any]) -> InvalidInput:
    """Turn pydantic's list of errors into the first of them, in Lectern's words."""
    first = errors[0]
    location = [str(part) for part in first["loc"]]
    if first["type"] == "json_invalid":
        reason = f"The body is not valid JSON: {first['ctx']['error']} at {location[-1]}."
        return InvalidInput(reason, field="body", fix="Send one JSON document.")
    field = ".".join(_without_source(location)) or "body"
    if first["type"] == "unknown_field":
        return InvalidInput(first["msg"], field=first["ctx"]["name"], fix=first["ctx"]["fix"])
    if first["type"] == "missing":
        return InvalidInput("It is required.", field=field, fix=f"Send {field!r}.")
    return InvalidInput(f"{first['msg']}.", field=field, fix="See /docs for what it takes.")


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem, whoever raises it."""
    app.add_exception_handler(LecternError, _on_lectern_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_unexpected_error)


def documented(*errors: type[LecternError]) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's `responses` for the errors that an operation may answer with."""
    grouped: dict[int, list[str]] = {}
    for kind in errors:
        grouped.setdefault(status_of(kind("")), []).append((kind.__doc__ or "").splitlines()[0])
    return {
        status: {
            "description": " ".join(descriptions),
            "content": {PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, descriptions in grouped.items()
    }


def _without_source(location: list[str]) -> list[str]:
    return location[1:] if location and location[0] in {"body", "query", "path"} else location


def _problem(
    status: int, code: str, detail: str, field: str | None = None, fix: str | None = None
) -> Problem:
    return Problem(
        type=f"urn:lectern:problem:{code}",
        title=TITLES.get(status, HTTPStatus(status).phrase),
        status=status,
        detail=detail,
        code=code,
        field=field,
        fix=fix,
    )


def _headers_of(error: LecternError) -> dict[str, str]:
    if isinstance(error, Unavailable):
        return {"Retry-After": str(error.retry_after_seconds)}
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="lectern"'}
    return {}


def _respond(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=problem.status,
        headers=headers,
        media_type=PROBLEM_MEDIA_TYPE,
    )


async def _on_lectern_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, LecternError):
        raise TypeError(type(error))
    return problem_response(error)


async def _on_validation_error(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error))
    return problem_response(first_validation_error(list(error.errors())))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    if error.status_code == HTTPStatus.BAD_REQUEST:
        # FastAPI's word for a body that is not even text, or a form that is none.
        return problem_response(UNREADABLE)
    detail = str(error.detail)
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at {request.url.path}."
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not possible on {request.url.path}."
    code = CODES_OF_STATUSES.get(error.status_code, LecternError.code)
    problem = _problem(error.status_code, code, detail, fix="See /docs.")
    return _respond(problem, error.headers)


async def _on_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    # By its template: what a caller puts into a path may be anything.
    route = getattr(request.scope.get("route"), "path", "no operation")
    logger.error("%s %s failed", request.method, route, exc_info=error)
    return _respond(
        _problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal",
            "Lectern failed on this request; its log has the reason.",
            fix="Report it with the time and the path of the request.",
        )
    )
