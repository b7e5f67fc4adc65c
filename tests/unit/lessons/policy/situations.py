"""For every condition of the matrix, situations in which it holds and in which it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lessons.policy import Condition, Situation, Standing, Target
from lessons.roles import Role

TENANT, OTHER_TENANT = "ten_1", "ten_2"
LESSON, OTHER_LESSON = "les_1", "les_2"
COURSE, OTHER_COURSE = "crs_1", "crs_2"
SELF, OTHER = "per_self", "per_other"
OWN_PLACE, OTHER_PLACE, CHILD_PLACE = "par_self", "par_other", "par_child"
CONTRACT = "ctr_1"

Situations = tuple[Situation, ...]


def about(
    *,
    tenant: str = TENANT,
    lesson: str | None = None,
    course: str | None = None,
    person: str | None = None,
    within: frozenset[str] = frozenset(),
    contract: str | None = None,
) -> Target:
    return Target((tenant,), lesson, course, person, contract, within)


def at_node(role: Role) -> Standing:
    return Standing(role, TENANT)


def in_course(role: Role) -> Standing:
    return Standing(role, TENANT, course_id=COURSE)


def in_lesson(role: Role) -> Standing:
    return Standing(role, TENANT, LESSON, COURSE)


def lesson_situation(role: Role, *, learners: int = 1, lesson: str = LESSON) -> Situation:
    return Situation(
        (in_lesson(role),),
        about(lesson=lesson, course=COURSE if lesson == LESSON else OTHER_COURSE),
        person_id=SELF,
        participant_id=OWN_PLACE if lesson == LESSON else None,
        members=frozenset({OWN_PLACE, OTHER_PLACE}),
        learners=learners,
    )


def _within_extent(role: Role) -> Situations:
    return (
        Situation((at_node(role),), about()),
        Situation((at_node(role),), about(lesson=OTHER_LESSON, course=OTHER_COURSE)),
        Situation((in_course(role),), about(lesson=LESSON, course=COURSE)),
        Situation((at_node(role),), about(person=OTHER)),
        lesson_situation(role),
        Situation(
            (in_lesson(role),), about(lesson=LESSON, person=OTHER, within=frozenset({LESSON}))
        ),
        Situation(
            (in_course(role),), about(course=COURSE, person=OTHER, within=frozenset({COURSE}))
        ),
    )


def _beyond_extent(role: Role) -> Situations:
    return (
        Situation((), about(lesson=LESSON)),
        Situation((at_node(role),), about(tenant=OTHER_TENANT)),
        Situation((in_course(role),), about()),
        Situation((in_course(role),), about(lesson=OTHER_LESSON, course=OTHER_COURSE)),
        Situation((in_course(role),), about(lesson=OTHER_LESSON)),
        Situation((in_course(role),), about(person=OTHER, within=frozenset({OTHER_COURSE}))),
        Situation((in_lesson(role),), about()),
        Situation((in_lesson(role),), about(person=OTHER)),
        Situation((in_lesson(role),), about(lesson=LESSON, person=OTHER)),
        lesson_situation(role, lesson=OTHER_LESSON),
    )


def _in_the_course(role: Role) -> Situations:
    """Beyond the one lesson of the role, but in its course, or a person of its course."""
    return (
        Situation((in_lesson(role),), about(course=COURSE)),
        Situation((in_lesson(role),), about(lesson=OTHER_LESSON, course=COURSE)),
        Situation((in_lesson(role),), about(person=OTHER, within=frozenset({COURSE}))),
        Situation((in_lesson(role),), about(person=OTHER, within=frozenset({LESSON}))),
        Situation((in_course(role),), about(person=OTHER, within=frozenset({COURSE}))),
    )


def _only_in_lesson(role: Role) -> Situations:
    return (
        Situation((at_node(role),), about(lesson=LESSON, course=COURSE)),
        Situation((in_course(role),), about(lesson=LESSON, course=COURSE)),
        *_beyond_extent(role),
    )


def _child(role: Role, target: Target, **facts: Any) -> Situation:
    return Situation((at_node(role),), target, person_id=SELF, **facts)


def _own_child(role: Role) -> Situations:
    children = frozenset({OTHER})
    return (
        _child(role, about(person=OTHER), children=children),
        _child(
            role,
            about(lesson=LESSON),
            children=children,
            child_participants=frozenset({CHILD_PLACE}),
        ),
        _child(role, about(course=COURSE), children=children, child_courses=frozenset({COURSE})),
    )


def _no_own_child(role: Role) -> Situations:
    return (
        _child(role, about(person=OTHER)),
        _child(role, about(person=OTHER), children=frozenset({"per_another"})),
        _child(role, about(lesson=LESSON), children=frozenset({OTHER})),
        _child(role, about(course=COURSE), children=frozenset({OTHER})),
        _child(role, about(), children=frozenset({OTHER})),
    )


def _person(role: Role, person: str | None, *, signed_in: bool = True) -> Situation:
    return Situation((at_node(role),), about(person=person), person_id=SELF, signed_in=signed_in)


def _contract(role: Role, contract: str | None, *own: str) -> Situation:
    return Situation((at_node(role),), about(contract=contract), contracts=frozenset(own))


HOLDING: Mapping[Condition, Callable[[Role], Situations]] = {
    Condition.ALWAYS: lambda role: (Situation((at_node(role),), about()),),
    Condition.OWN_NODE: _within_extent,
    Condition.OWN_CHARGE: _within_extent,
    Condition.OWN_COURSE: lambda role: (*_within_extent(role), *_in_the_course(role)),
    Condition.OWN_LESSON: lambda role: (lesson_situation(role, learners=2),),
    Condition.ONE_TO_ONE: lambda role: (lesson_situation(role, learners=1),),
    Condition.SAME_BREAKOUT: _within_extent,
    Condition.GROUP_HIDES_OTHERS: lambda role: (lesson_situation(role, learners=2),),
    Condition.NO_PERSONAL_DATA: lambda role: (lesson_situation(role),),
    Condition.OWN_DATA: lambda role: (_person(role, SELF), lesson_situation(role)),
    Condition.OWN_CHILD: _own_child,
    Condition.ONESELF: lambda role: (_person(role, SELF),),
    Condition.OWN_CONTRACT: lambda role: (_contract(role, CONTRACT, CONTRACT),),
    Condition.AGGREGATE_OF_5: lambda role: (_contract(role, CONTRACT, CONTRACT),),
}
"""Situations in which a role has what the condition asks for."""

FAILING: Mapping[Condition, Callable[[Role], Situations]] = {
    Condition.ALWAYS: lambda _role: (Situation((), about()),),
    Condition.OWN_NODE: lambda role: (*_beyond_extent(role), *_in_the_course(role)),
    Condition.OWN_CHARGE: lambda role: (*_beyond_extent(role), *_in_the_course(role)),
    Condition.OWN_COURSE: _beyond_extent,
    Condition.OWN_LESSON: _only_in_lesson,
    Condition.ONE_TO_ONE: lambda role: (
        lesson_situation(role, learners=0),
        lesson_situation(role, learners=2),
        *_only_in_lesson(role),
    ),
    Condition.SAME_BREAKOUT: lambda role: (*_beyond_extent(role), *_in_the_course(role)),
    Condition.GROUP_HIDES_OTHERS: _only_in_lesson,
    Condition.NO_PERSONAL_DATA: _only_in_lesson,
    Condition.OWN_DATA: lambda role: (
        _person(role, OTHER),
        _person(role, None),
        lesson_situation(role, lesson=OTHER_LESSON),
    ),
    Condition.OWN_CHILD: _no_own_child,
    Condition.ONESELF: lambda role: (_person(role, OTHER), _person(role, SELF, signed_in=False)),
    Condition.OWN_CONTRACT: lambda role: (
        _contract(role, None, CONTRACT),
        _contract(role, "ctr_2", CONTRACT),
        _contract(role, CONTRACT),
    ),
    Condition.AGGREGATE_OF_5: lambda role: (
        _contract(role, None, CONTRACT),
        _contract(role, "ctr_2", CONTRACT),
        _contract(role, CONTRACT),
    ),
}
"""Situations in which the role itself is there, but not what the condition asks for."""
