from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from lessons.objectives import refuse_cycles

NAMES = [f"n{number}" for number in range(8)]
GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4))


def goes_round(needs: dict[str, list[str]]) -> bool:
    """Tell by walking from every name whether one is reached again."""

    def reaches(start: str, at: str, seen: set[str]) -> bool:
        return any(
            needed == start or (needed not in seen and reaches(start, needed, seen | {needed}))
            for needed in needs.get(at, [])
        )

    return any(reaches(name, name, set()) for name in needs)


@given(GRAPHS)
def test_exactly_the_graphs_with_a_cycle_are_refused(needs: dict[str, list[str]]) -> None:
    if goes_round(needs):
        with pytest.raises(InvalidInput) as refused:
            refuse_cycles(needs, field="prerequisites")
        named = refused.value.reason.partition(": ")[2].rstrip(".").split(" is needed for ")
        assert named[0] == named[-1]
        links = list(pairwise(named))
        assert links
        assert all(before.strip("'") in needs[after.strip("'")] for before, after in links)
    else:
        refuse_cycles(needs, field="prerequisites")


def test_a_long_cycle_is_named_in_part() -> None:
    needs = {f"n{number}": [f"n{(number + 1) % 500}"] for number in range(500)}
    with pytest.raises(InvalidInput) as refused:
        refuse_cycles(needs, field="prerequisites")
    assert len(refused.value.reason) < 500
