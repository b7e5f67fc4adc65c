"""May the caller do this? Every endpoint and every stream asks here first."""

from __future__ import annotations

from lessons.policy import Access, Action, Credential, Resource, Target, decide
from serving.web.services import Services


async def authorize(
    services: Services,
    caller: Credential,
    action: Action,
    resource: Resource,
    *,
    lesson_id: str | None = None,
    course_id: str | None = None,
    person_id: str | None = None,
    contract_id: str | None = None,
) -> Access:
    """Let the action pass, and say how much the caller may see of what it is done to.

    Args:
        lesson_id, course_id, person_id, contract_id: what the action is about, as far as the
            request names it; none of them for an action on the whole tenant.

    Raises:
        NotAllowed: no role that the caller holds allows it, or only on a condition that does not
            hold here.
        NotFound: the tenant has no such lesson.
    """
    target = Target(
        (caller.home_tenant_id, caller.tenant_id), lesson_id, course_id, person_id, contract_id
    )
    situation = await services.standing.situation(caller, target)
    return decide(caller, action, resource, situation)
