"""Needs: evidence is added up, begins anew when it is used up, and outlives one odd window."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.engagement import WINDOW_MS
from models.engagement.needs import ENOUGH, EVEN, MOST, Need, NeedKeeper
from models.engagement.states import AWAY, DRIFTING, STATES, STUCK, WORKING
from tests.unit.models.engagement.windows import sure_of, window


def needs(states: list[str], probability: float = 0.93, **seen: float) -> list[Need]:
    keeper = NeedKeeper()
    return [
        keeper.take(window(number, seen), sure_of(state, probability))
        for number, state in enumerate(states)
    ]


def test_a_need_is_dated_from_where_its_evidence_began() -> None:
    found = needs([WORKING] * 10 + [STUCK] * 6)
    assert not found[9].is_clear
    assert found[-1].is_clear
    assert (found[-1].since_ms, found[-1].kind) == (10 * WINDOW_MS, STUCK)


def test_one_odd_window_does_not_end_a_need() -> None:
    found = needs([STUCK] * 12 + [WORKING] + [STUCK] * 12)
    assert found[-1].since_ms == 0
    assert all(one.is_clear for one in found[8:])


def test_a_weak_sign_that_goes_on_is_enough_and_an_even_one_never() -> None:
    weak = np.full(len(STATES), 0.0, dtype=np.float32)
    weak[STATES.index(DRIFTING)], weak[STATES.index(WORKING)] = 0.42, 0.58
    keeper = NeedKeeper()
    found = [keeper.take(window(number), weak) for number in range(30)]
    assert not found[5].is_clear
    assert found[-1].is_clear
    even = np.full(len(STATES), 0.0, dtype=np.float32)
    even[STATES.index(STUCK)], even[STATES.index(WORKING)] = EVEN - 0.01, 1.01 - EVEN
    keeper = NeedKeeper()
    assert not any(keeper.take(window(number), even).evidence for number in range(60))


def test_a_need_that_is_over_is_forgotten_within_a_minute() -> None:
    found = needs([STUCK] * 60 + [WORKING] * 12)
    assert found[59].evidence == MOST
    assert found[-1].evidence == 0


def test_away_is_said_only_where_something_shows_it() -> None:
    assert needs([AWAY] * 8)[-1].kind == DRIFTING
    assert needs([AWAY] * 8, connected=0.0)[-1].kind == AWAY
    assert needs([STUCK] * 8, connected=0.0)[-1].kind == STUCK


def test_of_whom_nothing_is_seen_nothing_is_added_up() -> None:
    assert not any(one.evidence for one in needs([DRIFTING] * 20, input_5s=float("nan")))


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=80))
def test_a_need_is_never_older_than_its_evidence(states: list[str]) -> None:
    found = needs(states)
    for number, one in enumerate(found):
        assert 0 <= one.evidence <= MOST
        assert one.is_clear == (one.evidence >= ENOUGH)
        since = one.since_ms // WINDOW_MS
        # Nothing between its beginning and now had used the evidence up.
        assert all(found[place].evidence > 0 for place in range(since, number))
