"""The decision: what the matrix says of a credential in a situation."""

from __future__ import annotations

from lessons.errors import NotAllowed
from lessons.policy.access import Access, access_of
from lessons.policy.actions import Action, Resource
from lessons.policy.conditions import HOLDS, Condition
from lessons.policy.credential import Credential
from lessons.policy.matrix import MATRIX
from lessons.policy.scopes import scope_of
from lessons.policy.situation import Situation
from lessons.roles import Role


def decide(
    credential: Credential, action: Action, resource: Resource, situation: Situation
) -> Access:
    """Let an action pass, with what it lets see; where several roles allow, the widest counts.

    Raises:
        NotAllowed: no role that the caller holds allows it here; the reason says what is missing.
    """
    if credential.kind == "api_key":
        return _decide_for_key(credential, action, resource)
    cells = MATRIX.get((resource, action), {})
    held = [
        cells[standing.role]
        for standing in situation.standings
        if standing.role in cells and HOLDS[cells[standing.role]](standing, situation)
    ]
    if not held:
        raise _refused(action, resource, situation)
    return access_of(min(held, key=list(Condition).index), situation)


def _decide_for_key(credential: Credential, action: Action, resource: Resource) -> Access:
    scope = scope_of(action, resource)
    if credential.scopes is not None and scope not in credential.scopes:
        raise NotAllowed(
            f"The API key has no scope {scope!r}.",
            field="Authorization",
            fix="Use a key whose scopes cover it.",
        )
    return Access(Condition.OWN_NODE)


def _refused(action: Action, resource: Resource, situation: Situation) -> NotAllowed:
    cells = MATRIX.get((resource, action), {})
    roles = sorted({standing.role for standing in situation.standings})
    allowing = [role for role in roles if role in cells]
    if not allowing:
        return NotAllowed(
            f"The role {_names(roles)} may not {action} a {resource.words}.",
            field="Authorization",
            fix="Use an API key, or a credential whose role covers it; docs/roles.md has them all.",
        )
    role = allowing[0]
    return NotAllowed(
        f"The role {role} may {action} a {resource.words} only on the condition: {cells[role]}."
        f"{_elsewhere(situation)}",
        field="Authorization",
        fix="Use a credential for what this is about.",
    )


def _names(roles: list[Role]) -> str:
    return " or ".join(roles) or "none"


def _elsewhere(situation: Situation) -> str:
    lessons = {standing.lesson_id for standing in situation.standings}
    asked = situation.target.lesson_id
    if None in lessons or asked is None or asked in lessons:
        return ""
    return " The token is for another lesson."
