"""Who may give whom which role in a lesson: nobody gives more than they hold."""

from __future__ import annotations

from lessons.errors import NotAllowed
from lessons.policy.access import Access
from lessons.policy.conditions import Condition
from lessons.roles import Role

GIVEN_BY_INSTRUCTORS = frozenset(
    {Role.TEACHING_ASSISTANT, Role.LEARNER, Role.OBSERVER, Role.CAPTIONER}
)
"""Between these an instructor moves the people of a lesson; administrators give any role."""


def require_grantable(access: Access, previous: Role, role: Role) -> None:
    """Refuse a change of role that is not the caller's to make.

    Args:
        access: the caller's, to update the participant.

    Raises:
        NotAllowed: it is for an administrator.
    """
    if access.condition is Condition.OWN_NODE or {previous, role} <= GIVEN_BY_INSTRUCTORS:
        return
    raise NotAllowed(
        f"An instructor may not make a {role} of a {previous}.",
        field="role",
        fix="Use an API key or an administrator's credential.",
    )
