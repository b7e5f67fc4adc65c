"""The order of giving up: one rung at a time, only under lasting pressure, and back again."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.captioning.ladder import (
    CLIMB_AFTER_S,
    DESCEND_AFTER_S,
    HIGH,
    LOW,
    PARTIAL_INTERVAL_FACTORS,
    Ladder,
    Load,
    Rung,
    partial_rest,
)

SHARES = st.floats(0, 2)
LOADS = st.builds(Load, SHARES, SHARES, SHARES)
STEPS = st.lists(st.tuples(st.floats(0.05, 5), LOADS), max_size=200)


def _walk(ladder: Ladder, load: Load, seconds: float) -> list[Rung]:
    return [ladder.observe(tenth / 10, load) for tenth in range(int(10 * seconds))]


@pytest.mark.parametrize("smaller_model", [True, False])
def test_lasting_pressure_climbs_in_the_declared_order(smaller_model: bool) -> None:
    rungs = _walk(Ladder(smaller_model=smaller_model), Load(finals_delay=1.2), 30)
    between = [Rung.SMALLER_PARTIALS, Rung.SMALLER_FINALS] if smaller_model else []
    expected = [Rung.FULL, Rung.SLOWER_PARTIALS, *between, Rung.REFUSING]
    assert list(dict.fromkeys(rungs)) == expected


def test_partials_that_take_all_that_is_free_only_get_slower() -> None:
    rungs = _walk(Ladder(smaller_model=True), Load(busy=1.0, finals_busy=0.4), 60)
    assert rungs[-1] is Rung.SLOWER_PARTIALS


def test_a_short_burst_changes_nothing() -> None:
    ladder = Ladder(smaller_model=True)
    _walk(ladder, Load(finals_delay=2), CLIMB_AFTER_S - 0.2)
    assert ladder.observe(CLIMB_AFTER_S, Load()) is Rung.FULL


def test_calm_goes_all_the_way_back() -> None:
    ladder = Ladder(smaller_model=True)
    _walk(ladder, Load(finals_delay=2), 30)
    rungs = [ladder.observe(30 + tenth / 10, Load()) for tenth in range(800)]
    assert list(dict.fromkeys(rungs)) == sorted(Rung, reverse=True)


@settings(deadline=None)
@given(STEPS, st.booleans())
def test_rungs_change_one_at_a_time_and_never_soon_after_another(
    steps: list[tuple[float, Load]], smaller_model: bool
) -> None:
    ladder = Ladder(smaller_model=smaller_model)
    now, changed_at, before = 0.0, 0.0, ladder.rung
    allowed = [
        rung
        for rung in Rung
        if smaller_model or rung not in (Rung.SMALLER_PARTIALS, Rung.SMALLER_FINALS)
    ]
    for seconds, load in steps:
        now += seconds
        rung = ladder.observe(now, load)
        if rung is not before:
            assert abs(allowed.index(rung) - allowed.index(before)) == 1
            least = CLIMB_AFTER_S if rung > before else DESCEND_AFTER_S
            assert now - changed_at >= least - 1e-6
            changed_at, before = now, rung


@settings(deadline=None)
@given(STEPS, st.floats(LOW, HIGH))
def test_between_the_thresholds_it_stays(steps: list[tuple[float, Load]], level: float) -> None:
    ladder = Ladder(smaller_model=True)
    now = 0.0
    for seconds, load in steps:
        now += seconds
        ladder.observe(now, load)
    before = ladder.rung
    for _ in range(200):
        now += 1
        assert ladder.observe(now, Load(level, level, level)) is before


def test_each_rung_makes_partials_rarer() -> None:
    rests = [partial_rest(0.2, PARTIAL_INTERVAL_FACTORS[rung]) for rung in Rung]
    assert rests[0] == pytest.approx(0.2)
    assert all(lower < higher for lower, higher in pairwise(rests))
