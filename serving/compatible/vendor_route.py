"""Operations whose errors have a vendor's own shape, so that its clients raise their own kinds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from lessons.errors import LecternError
from serving.web.problems import UNREADABLE, TooLarge, first_validation_error

logger = logging.getLogger(__name__)

Respond = Callable[[LecternError], Response]
"""Says an error as a vendor says it."""


class VendorRoute(APIRoute):
    """A route that answers with a vendor's errors; give it `respond` in a subclass.

    Authentication, the body and the operation itself are all inside of it.
    """

    respond: Respond

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the operation, with its refusals as answers."""
        handle = super().get_route_handler()

        async def handle_as_vendor(request: Request) -> Response:
            try:
                return await handle(request)
            except LecternError as error:
                return type(self).respond(error)
            except RequestValidationError as error:
                return type(self).respond(first_validation_error(list(error.errors())))
            except HTTPException as error:
                return type(self).respond(_as_ours(error))

        return handle_as_vendor


def vendor_errors(model: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's `responses` for errors of a vendor's shape."""
    return {status: {"model": model} for status in statuses}


def _as_ours(error: HTTPException) -> LecternError:
    """Return what Starlette refused while it read the body."""
    if error.status_code == 413:
        return TooLarge(str(error.detail), field="body", fix="Send it in smaller parts.")
    return UNREADABLE
