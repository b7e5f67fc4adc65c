"""Speakers as the command line names them: `Ada:learner`, or `Ada` for a learner."""

from __future__ import annotations

from lessons.errors import InvalidInput
from lessons.roles import Role


def parse_speaker(text: str) -> tuple[str, Role]:
    """Return the name and the role.

    Raises:
        InvalidInput: the name is empty, or there is no such role.
    """
    name, _, role = text.partition(":")
    if not name.strip():
        raise InvalidInput(f"{text!r} names nobody.", field="name", fix="Write Ada:learner.")
    try:
        return name.strip(), Role(role.strip() or Role.LEARNER)
    except ValueError as error:
        raise InvalidInput(
            f"There is no role {role!r}.", field="name", fix=f"Roles: {', '.join(Role)}."
        ) from error
