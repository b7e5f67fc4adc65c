"""Opaque cursors of pages that are ordered by a time and what breaks its ties."""

from __future__ import annotations

import base64
import json
from datetime import datetime

from lessons.errors import InvalidInput

_LARGEST = 2**63 - 1


def page_cursor(*parts: datetime | int | str | None) -> str:
    """Return a cursor that says where a page ended."""
    plain = [part.isoformat() if isinstance(part, datetime) else part for part in parts]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def evidence_place(cursor: str, field: str) -> tuple[datetime, int, str]:
    """Return the time, sequence and response that a cursor names.

    Raises:
        InvalidInput: it is no cursor of ours.
    """
    match _parts(cursor, field):
        case [str(moment), int(sequence), str(response)] if 0 <= sequence <= _LARGEST:
            return _moment(moment, field), sequence, response
    raise _refused(field)


def homework_place(cursor: str, field: str) -> tuple[datetime | None, str]:
    """Return the due date, if any, and the id that a cursor names.

    Raises:
        InvalidInput: it is no cursor of ours.
    """
    match _parts(cursor, field):
        case [None, str(homework_id)]:
            return None, homework_id
        case [str(moment), str(homework_id)]:
            return _moment(moment, field), homework_id
    raise _refused(field)


def _parts(cursor: str, field: str) -> object:
    try:
        padding = "=" * (-len(cursor) % 4)
        return json.loads(base64.b64decode(cursor + padding, b"-_", validate=True))
    except (ValueError, RecursionError) as error:  # bad base64, UTF-8 or JSON
        raise _refused(field) from error


def _moment(value: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _refused(field) from error
    if moment.tzinfo is None:
        raise _refused(field)
    return moment


def _refused(field: str) -> InvalidInput:
    return InvalidInput(
        "It is no cursor of ours.", field=field, fix="Send the `next` of the page before."
    )
