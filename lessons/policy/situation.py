"""What a decision rests on: which roles the caller holds, and how the target relates to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lessons.roles import Role


@dataclass(frozen=True, slots=True)
class Standing:
    """One role that the caller holds, and the extent of it.

    Attributes:
        tenant_id: the node of the tree at which the role is held; it reaches everything below.
        lesson_id: the one lesson that it is held in, or None.
        course_id: the one course that it is held in, or the course of that lesson.
    """

    role: Role
    tenant_id: str
    lesson_id: str | None = None
    course_id: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What the action is done to.

    Attributes:
        tenant_path: ids of the tenant acted on and of its ancestors, as far as they matter.
        course_id: the course itself, or the course of the lesson.
        person_within: ids of those lessons and courses in which the person takes part.
    """

    tenant_path: tuple[str, ...]
    lesson_id: str | None = None
    course_id: str | None = None
    person_id: str | None = None
    contract_id: str | None = None
    person_within: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Situation:
    """Who the caller is to the target, as it stands now.

    Attributes:
        person_id: the person behind the caller.
        participant_id: the caller's place in the lesson of the target.
        signed_in: the caller proved who they are, rather than bearing a token made for them.
        children: persons whose guardian the caller is.
        child_participants, child_courses: the children's places in the target's lesson, and their
            courses.
        contracts: ids of the contracts in force whose client the caller is.
        members: everybody who takes part in the lesson of the target.
        learners: how many of them are learners.
        breakouts: the breakout room in which each participant is now.
    """

    standings: tuple[Standing, ...]
    target: Target
    person_id: str | None = None
    participant_id: str | None = None
    signed_in: bool = False
    children: frozenset[str] = frozenset()
    child_participants: frozenset[str] = frozenset()
    child_courses: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    learners: int = 0
    breakouts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_one_to_one(self) -> bool:
        """Whether the lesson has just one learner."""
        return self.learners == 1

    @property
    def breakout_members(self) -> frozenset[str] | None:
        """Everybody in the caller's breakout room; None while the caller is in the main room."""
        room = self.breakouts.get(self.participant_id or "")
        if room is None:
            return None
        return frozenset(member for member, where in self.breakouts.items() if where == room)
