"""Clocks that are wrong are put right by when things arrive; an offline spell is no wrong clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.engagement import LessonFeatures
from features.engagement.client_clock import ClientClock
from tests.unit.features.engagement.lesson_events import LESSON, ROLES, Script

DELAYS = st.lists(st.integers(0, 3_000), min_size=6, max_size=12)


@given(skew_ms=st.integers(25_000, 600_000), delays=DELAYS)
def test_a_slow_clock_is_put_right_once_it_has_shown_itself(
    skew_ms: int, delays: list[int]
) -> None:
    clock = ClientClock()
    for n, delay in enumerate(delays):
        happened = 1_000_000 + n * 5_000
        shift = clock.shift_ms(happened - skew_ms, happened + delay)
    assert abs(shift - skew_ms) <= 3_000


@given(skew_ms=st.integers(6_000, 300_000), delays=DELAYS)
def test_a_fast_clock_never_tells_of_the_future(skew_ms: int, delays: list[int]) -> None:
    clock = ClientClock()
    for n, delay in enumerate(delays):
        happened, arrived = n * 5_000, n * 5_000 + delay
        claimed = happened + skew_ms
        assert claimed + clock.shift_ms(claimed, arrived) <= arrived


@given(delays=st.lists(st.integers(0, 19_000), min_size=1, max_size=20))
def test_a_clock_that_may_be_right_is_left_alone(delays: list[int]) -> None:
    clock = ClientClock()
    shifts = [clock.shift_ms(n * 5_000, n * 5_000 + delay) for n, delay in enumerate(delays)]
    assert set(shifts) == {0}


@given(length=st.integers(5, 40))
def test_what_comes_in_one_burst_after_an_offline_spell_stays_where_it_was(length: int) -> None:
    clock = ClientClock()
    back = length * 5_000
    assert {clock.shift_ms(n * 5_000, back) for n in range(length)} == {0}


def test_without_times_of_arrival_clients_are_believed() -> None:
    assert ClientClock().shift_ms(10_000_000, None) == 0


@pytest.mark.parametrize("skew_ms", [-60_000, 60_000])
def test_counts_of_a_wrong_clock_land_where_they_belong(skew_ms: int) -> None:
    script = Script()
    features = LessonFeatures(LESSON, ROLES)
    for end in range(100_000, 200_001, 5_000):
        claimed = end - 5_000 + skew_ms
        told = script.activity("ada", claimed, {"key_presses": 5}, at_ms=end + skew_ms)
        features.take(told, arrived_ms=end + 300)
        windows = features.close(end)
    (ada,) = windows
    assert ada.value("keys_30s") == pytest.approx(60, rel=0.2)
    assert (ada.value("since_input_s") or 0) <= 5
