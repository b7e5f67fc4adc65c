"""May the caller do this? Every endpoint and every stream asks here first."""

from __future__ import annotations

import time
from typing import Self

from lessons.events import LearningEvent
from lessons.events.breakouts import BREAKOUTS
from lessons.events.presence import RoleChanged
from lessons.policy import (
    Access,
    Action,
    Condition,
    Credential,
    Resource,
    Situation,
    Target,
    decide,
)
from serving.web.services import Services

RECHECK_SECONDS = 3.0
"""How long an open stream goes on by what it knew of a guardian or a person who signed in."""

CHANGING_TYPES = frozenset({RoleChanged.type, *(data.type for data in BREAKOUTS.types)})
"""Events after which somebody may see more or less than before."""


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
    target = _target(caller, lesson_id, course_id, person_id, contract_id)
    situation = await services.standing.situation(caller, target)
    return decide(caller, action, resource, situation)


class LiveAccess:
    """Reading events for as long as a stream is open, while roles and rooms change.

    It is decided anew after every event that may change it, whenever somebody unknown appears, and
    every few seconds for whoever reads by something that no event of the lesson tells of.
    """

    def __init__(self, services: Services, caller: Credential, target: Target) -> None:
        self._services = services
        self._caller = caller
        self._target = target
        self._situation = Situation((), target)
        self._access = Access(Condition.OWN_NODE)
        self._decided_at = 0.0

    @classmethod
    async def open(
        cls,
        services: Services,
        caller: Credential,
        *,
        lesson_id: str | None = None,
        course_id: str | None = None,
    ) -> Self:
        """Return the access to the events of a lesson, a course or the whole tenant.

        Raises:
            NotAllowed: the caller may not read them.
            NotFound: the tenant has no such lesson.
        """
        live = cls(services, caller, _target(caller, lesson_id, course_id))
        await live._decide()
        return live

    async def current(self) -> Access:
        """Return the access as it stands now; ask between events as well, to end in time.

        Raises:
            NotAllowed: the caller may not read these events any more.
        """
        if self._is_stale():
            await self._decide()
        return self._access

    async def sees(self, event: LearningEvent) -> bool:
        """Tell whether the caller may read this event now.

        Raises:
            NotAllowed: the caller may not read these events any more.
        """
        if self._is_changed_by(event):
            await self._decide()
        return (await self.current()).sees(event)

    def _is_changed_by(self, event: LearningEvent) -> bool:
        if self._caller.kind == "api_key":
            return False
        stranger = event.subject is not None and event.subject not in self._situation.members
        return event.type in CHANGING_TYPES or (stranger and self._target.lesson_id is not None)

    def _is_stale(self) -> bool:
        by_events = self._caller.kind == "participant" and not self._situation.children
        if self._caller.kind == "api_key" or by_events:
            return False
        return time.monotonic() - self._decided_at > RECHECK_SECONDS

    async def _decide(self) -> None:
        self._situation = await self._services.standing.situation(self._caller, self._target)
        self._access = decide(self._caller, Action.READ, Resource.EVENT, self._situation)
        self._decided_at = time.monotonic()


def _target(
    caller: Credential,
    lesson_id: str | None = None,
    course_id: str | None = None,
    person_id: str | None = None,
    contract_id: str | None = None,
) -> Target:
    path = (caller.home_tenant_id, caller.tenant_id)
    return Target(path, lesson_id, course_id, person_id, contract_id)
