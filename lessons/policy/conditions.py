"""On what condition a cell of the matrix allows: what it reaches, and how much of it is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from lessons.policy.situation import Situation, Standing, Target


class Condition(StrEnum):
    """When a role may do something; the value is how the documentation says it.

    They stand in the order of what they let see: where somebody holds several roles, the first
    condition that holds is the one that counts.
    """

    ALWAYS = "always"
    OWN_NODE = "own tenant node and below"
    OWN_CHARGE = "own charge"
    OWN_COURSE = "own course"
    OWN_LESSON = "own lesson"
    ONE_TO_ONE = "own lesson, one-to-one only"
    SAME_BREAKOUT = "own charge; in a breakout, personal data of the same breakout only"
    GROUP_HIDES_OTHERS = "own lesson; a group lesson hides others' personal data"
    NO_PERSONAL_DATA = "own lesson, without personal data"
    OWN_DATA = "own data"
    OWN_CHILD = "own child"
    ONESELF = "oneself, signed in"
    OWN_CONTRACT = "own contract"
    AGGREGATE_OF_5 = "own contract, aggregate of at least 5"


MEANINGS: Mapping[Condition, str] = MappingProxyType(
    {
        Condition.ALWAYS: "Whoever holds the role, whatever it is about.",
        Condition.OWN_NODE: "It lies in the tenant at which the role is held, or below; for a role "
        "in one lesson or course: in that one, where people have their part and no more.",
        Condition.OWN_CHARGE: "The role was given for it: for this very lesson, for its course, or "
        "for its node or one above.",
        Condition.OWN_COURSE: "As own charge; a role in one lesson reaches the whole course of "
        "that lesson as well, and people who take part there.",
        Condition.OWN_LESSON: "The role is held in this very lesson.",
        Condition.ONE_TO_ONE: "The role is held in this very lesson, which has one learner.",
        Condition.SAME_BREAKOUT: "As own charge. While they are in a breakout room, others' "
        "personal data is that of the room's members; the stream of a whole course has none.",
        Condition.GROUP_HIDES_OTHERS: "The role is held in this very lesson. If it has more than "
        "one learner, events that are personal are seen of oneself alone.",
        Condition.NO_PERSONAL_DATA: "The role is held in this very lesson; events that are "
        "personal are seen of oneself alone.",
        Condition.OWN_DATA: "It is about the caller: the person, or their place in the lesson.",
        Condition.OWN_CHILD: "It is about a child whose guardian the caller is; of a lesson, the "
        "child's part and what is nobody's in particular.",
        Condition.ONESELF: "A person who signed in, about themselves; a participant token does "
        "not do, or it would renew itself for ever.",
        Condition.OWN_CONTRACT: "It is about a contract in force, whose client the caller is.",
        Condition.AGGREGATE_OF_5: "Under such a contract, and only numbers about at least five "
        "people.",
    }
)
"""What each condition means, in the words of the documentation."""


def _always(_standing: Standing, _situation: Situation) -> bool:
    return True


def _within_extent(standing: Standing, situation: Situation) -> bool:
    """Tell whether the role was given for the target itself, or for what the target lies in.

    A person lies in a node. In a lesson or a course lies only their part in it, so the request has
    to name that lesson or course as well.
    """
    target = situation.target
    if standing.tenant_id not in target.tenant_path:
        return False
    if standing.lesson_id is not None:
        return target.lesson_id == standing.lesson_id and _has_person(standing.lesson_id, target)
    if standing.course_id is not None:
        return target.course_id == standing.course_id and _has_person(standing.course_id, target)
    return True


def _has_person(held: str, target: Target) -> bool:
    """Tell whether the person, if the target names one, takes part in a lesson or course."""
    return target.person_id is None or held in target.person_within


def _own_course(standing: Standing, situation: Situation) -> bool:
    """Tell whether it lies within the role's extent, its course, or is a person who is there."""
    target, course_id = situation.target, standing.course_id
    if _within_extent(standing, situation):
        return True
    if standing.tenant_id not in target.tenant_path:
        return False
    if target.person_id is not None and target.lesson_id is None and target.course_id is None:
        return not target.person_within.isdisjoint({standing.lesson_id, course_id})
    in_course = course_id is not None and target.course_id == course_id
    return in_course and _has_person(course_id or "", target)


def _own_lesson(standing: Standing, situation: Situation) -> bool:
    """Tell whether the role is held in this very lesson."""
    return standing.lesson_id is not None and _within_extent(standing, situation)


def _one_to_one(standing: Standing, situation: Situation) -> bool:
    return _own_lesson(standing, situation) and situation.is_one_to_one


def _own_data(standing: Standing, situation: Situation) -> bool:
    target = situation.target
    if target.person_id is not None:
        return target.person_id == situation.person_id
    return _own_lesson(standing, situation)


def _own_child(_standing: Standing, situation: Situation) -> bool:
    target = situation.target
    if target.person_id is not None:
        return target.person_id in situation.children
    return bool(situation.child_participants) or (
        target.lesson_id is None
        and target.course_id is not None
        and target.course_id in situation.child_courses
    )


def _oneself(_standing: Standing, situation: Situation) -> bool:
    return situation.signed_in and situation.target.person_id == situation.person_id


def _own_contract(_standing: Standing, situation: Situation) -> bool:
    contract = situation.target.contract_id
    return contract is not None and contract in situation.contracts


HOLDS: Mapping[Condition, Callable[[Standing, Situation], bool]] = MappingProxyType(
    {
        Condition.ALWAYS: _always,
        Condition.OWN_NODE: _within_extent,
        Condition.OWN_CHARGE: _within_extent,
        Condition.OWN_COURSE: _own_course,
        Condition.OWN_LESSON: _own_lesson,
        Condition.ONE_TO_ONE: _one_to_one,
        Condition.SAME_BREAKOUT: _within_extent,
        Condition.GROUP_HIDES_OTHERS: _own_lesson,
        Condition.NO_PERSONAL_DATA: _own_lesson,
        Condition.OWN_DATA: _own_data,
        Condition.OWN_CHILD: _own_child,
        Condition.ONESELF: _oneself,
        Condition.OWN_CONTRACT: _own_contract,
        Condition.AGGREGATE_OF_5: _own_contract,
    }
)
"""Whether a condition lets a role reach the target; how much is seen there is `Access`'s."""
