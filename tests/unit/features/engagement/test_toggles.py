"""A switch from its changes, in whatever order they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from features.engagement.toggles import Toggle

CHANGES = st.lists(
    st.tuples(st.integers(0, 200), st.booleans()), max_size=15, unique_by=lambda one: one[0]
)


@given(changes=CHANGES, start=st.integers(0, 200), length=st.integers(1, 100), chance=st.randoms())
def test_time_on_is_that_between_changes(
    changes: list[tuple[int, bool]], start: int, length: int, chance: object
) -> None:
    toggle = Toggle()
    for at, on in changes:
        toggle.set(at, on=on)
    state, on_moments = False, set()
    known = dict(changes)
    for moment in range(start + length):
        state = known.get(moment, state)
        if state:
            on_moments.add(moment)
    end = start + length
    assert toggle.on_ms(start, end) == len(on_moments & set(range(start, end)))
    assert (toggle.on_since(end) is not None) == (end - 1 in on_moments)


def test_forgetting_keeps_the_state_that_held() -> None:
    toggle = Toggle()
    for at, on in ((0, True), (10, False), (20, True)):
        toggle.set(at, on=on)
    toggle.forget(25)
    assert toggle.on_since(100) == 20
    assert toggle.on_ms(25, 30) == 5
