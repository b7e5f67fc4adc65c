"""The role in which data is deleted: the application itself may not delete what it has recorded."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import LecternError

RETENTION_ROLE = "lectern_retention"
"""Bound by row-level security like the application's role, of which it is a member."""


async def work_as_retention(connection: AsyncConnection) -> None:
    """Let the rest of a transaction delete what the application may not.

    Raises:
        LecternError: the database's login may not take the role; the fix says how it can.
    """
    try:
        await connection.execute(text(f"SET LOCAL ROLE {RETENTION_ROLE}"))
    except DBAPIError as error:
        raise LecternError(
            "The database's login may delete nothing.",
            fix=f"GRANT {RETENTION_ROLE} TO the login, and lectern_app TO {RETENTION_ROLE}.",
        ) from error
