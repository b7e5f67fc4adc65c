"""The roles that a person or a system can have in a lesson."""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import Self

from lessons.errors import InvalidInput


class Role(StrEnum):
    """Exactly one per participant of a lesson; it decides what they may do and see."""

    INSTRUCTOR = "instructor"
    TEACHING_ASSISTANT = "teaching_assistant"
    LEARNER = "learner"
    OBSERVER = "observer"
    CAPTIONER = "captioner"
    ADMINISTRATOR = "administrator"
    INSTITUTIONAL_CLIENT = "institutional_client"
    GUARDIAN = "guardian"

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the role of that name.

        Raises:
            InvalidInput: there is none; the fix names the nearest one.
        """
        names = [role.value for role in cls]
        if name in names:
            return cls(name)
        near = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
        fix = f"Did you mean {near[0]!r}?" if near else f"Roles: {', '.join(names)}."
        raise InvalidInput(f"There is no role {name!r}.", field="role", fix=fix)
