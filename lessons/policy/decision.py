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
        raise _refused(credential, action, resource, situation)
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


def _refused(
    credential: Credential, action: Action, resource: Resource, situation: Situation
) -> NotAllowed:
    cells = MATRIX.get((resource, action), {})
    roles = sorted({standing.role for standing in situation.standings})
    allowing = [role for role in roles if role in cells]
    asked = situation.target.lesson_id
    if credential.lesson_id is not None and asked not in (None, credential.lesson_id):
        reason, fix = "The token is for another lesson.", "Use one for this lesson."
    elif not roles:
        reason, fix = "The caller has no role here.", "Ask an administrator for one."
    elif not allowing:
        reason = f"The role {' or '.join(roles)} may not {action} a {resource.words}."
        fix = "Use an API key, or a credential whose role covers it; docs/roles.md lists them."
    else:
        reason = f"The role {allowing[0]} may {action} a {resource.words} only on the condition: "
        reason, fix = f"{reason}{cells[allowing[0]]}.", "Ask for what the condition covers."
    return NotAllowed(reason, field="Authorization", fix=fix)
