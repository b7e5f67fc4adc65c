"""Every cell of the decision matrix, allowed and denied, from the table that the docs show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lessons.errors import NotAllowed
from lessons.policy import (
    MATRIX,
    SCOPES,
    Action,
    Condition,
    Credential,
    Resource,
    Situation,
    decide,
    scope_of,
)
from lessons.policy.conditions import HOLDS, MEANINGS
from lessons.roles import Role
from tests.unit.lessons.policy.situations import FAILING, HOLDING

PERSON = Credential("ten_1", "person", person_id="per_self")

Cell = tuple[Role, Resource, Action]
CELLS = [(role, resource, action) for resource, action in MATRIX for role in Role]
GIVEN = [cell for cell in CELLS if cell[0] in MATRIX[cell[1:]]]
EMPTY = [cell for cell in CELLS if cell[0] not in MATRIX[cell[1:]]]


def named(cell: Cell) -> str:
    return "-".join(cell)


def every_situation(role: Role) -> Iterator[Situation]:
    for condition in Condition:
        yield from HOLDING[condition](role)


@pytest.mark.parametrize("cell", GIVEN, ids=named)
def test_a_given_cell_allows_where_its_condition_holds(cell: Cell) -> None:
    role, resource, action = cell
    condition = MATRIX[resource, action][role]
    for situation in HOLDING[condition](role):
        access = decide(PERSON, action, resource, situation)
        assert access.condition is condition


@pytest.mark.parametrize("cell", GIVEN, ids=named)
def test_a_given_cell_denies_where_its_condition_does_not_hold(cell: Cell) -> None:
    role, resource, action = cell
    for situation in FAILING[MATRIX[resource, action][role]](role):
        with pytest.raises(NotAllowed):
            decide(PERSON, action, resource, situation)


@pytest.mark.parametrize("cell", EMPTY, ids=named)
def test_an_empty_cell_denies_whatever_the_situation(cell: Cell) -> None:
    role, resource, action = cell
    for situation in every_situation(role):
        with pytest.raises(NotAllowed, match=role):
            decide(PERSON, action, resource, situation)


def test_every_condition_is_used_explained_decided_and_tested() -> None:
    used = {condition for cells in MATRIX.values() for condition in cells.values()}
    assert used == set(Condition) == set(MEANINGS) == set(HOLDS) == set(HOLDING) == set(FAILING)


@pytest.mark.parametrize("resource", Resource)
@pytest.mark.parametrize("action", Action)
def test_a_key_may_what_its_scopes_name_and_nothing_else(
    resource: Resource, action: Action
) -> None:
    scope, nowhere = (
        scope_of(action, resource),
        Situation((), HOLDING[Condition.ALWAYS](Role.LEARNER)[0].target),
    )
    unlimited = Credential("ten_1", "api_key", api_key_id="key_1")
    decide(unlimited, action, resource, nowhere)
    decide(Credential("ten_1", "api_key", scopes=frozenset({scope})), action, resource, nowhere)
    others = frozenset(SCOPES) - {scope}
    with pytest.raises(NotAllowed, match=scope):
        decide(Credential("ten_1", "api_key", scopes=others), action, resource, nowhere)


def test_the_widest_of_several_roles_counts() -> None:
    (learning,) = HOLDING[Condition.GROUP_HIDES_OTHERS](Role.LEARNER)
    teaching = HOLDING[Condition.OWN_CHARGE](Role.INSTRUCTOR)[0].standings
    both = Situation((*learning.standings, *teaching), learning.target)
    assert decide(PERSON, Action.READ, Resource.EVENT, both).condition is Condition.OWN_CHARGE
