"""How long something stays in front, from changes in whatever order they come."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.engagement.stays import AT_ONCE_MS, BRIEF_MS, Stays
from tests.unit.features.engagement.lesson_events import Script, windows_at

CHANGES = st.lists(st.integers(0, 300_000), min_size=1, max_size=30, unique=True)
MOMENTS = st.integers(1, 400_000)


def stays_of(changes: list[int]) -> Stays:
    stays = Stays()
    for at in changes:
        stays.change(at)
    return stays


@given(changes=CHANGES, end=MOMENTS, chance=st.randoms())
def test_the_order_in_which_changes_come_does_not_matter(
    changes: list[int], end: int, chance: random.Random
) -> None:
    shuffled = chance.sample(changes, len(changes))
    one, other = stays_of(sorted(changes)), stays_of(shuffled)
    assert one.since(end) == other.since(end)
    assert one.before_ms(end) == other.before_ms(end)
    assert one.brief_share(end - 120_000, end) == other.brief_share(end - 120_000, end)


@given(changes=CHANGES, end=MOMENTS)
def test_what_comes_after_a_moment_changes_nothing_at_it(changes: list[int], end: int) -> None:
    by_then = [at for at in changes if at < end]
    known, told_later = stays_of(by_then), stays_of(changes)
    assert told_later.since(end) == known.since(end) == max(by_then, default=None)
    assert told_later.before_ms(end) == known.before_ms(end)
    assert told_later.brief_share(0, end) == known.brief_share(0, end)


@given(changes=CHANGES, start=st.integers(0, 200_000), length=st.integers(1, 120_000))
def test_the_brief_share_is_that_of_stays_that_ended_in_the_span(
    changes: list[int], start: int, length: int
) -> None:
    end, ordered = start + length, sorted(changes)
    over = [
        later - earlier
        for earlier, later in pairwise(ordered)
        if start <= later < end and later - earlier >= AT_ONCE_MS
    ]
    brief = sum(length < BRIEF_MS for length in over)
    expected = brief / len(over) if over else None
    assert stays_of(changes).brief_share(start, end) == expected


@given(changes=CHANGES, end=st.integers(120_000, 400_000))
def test_forgetting_what_is_long_past_changes_nothing_that_looks_back_less(
    changes: list[int], end: int
) -> None:
    whole, forgetful = stays_of(changes), stays_of(changes)
    forgetful.forget(end - 120_000)
    assert forgetful.since(end) == whole.since(end)
    assert forgetful.brief_share(end - 120_000, end) == whole.brief_share(end - 120_000, end)


def test_a_window_tells_of_the_stay_that_goes_on_and_of_those_before() -> None:
    script = Script()
    buckets = [{"key_presses": 2}] * 6
    events = [
        script.joined("ada"),
        script.event("attention.blurred", 2_000, "ada", surface="window"),
        script.event("attention.focused", 4_000, "ada"),
        script.event("attention.blurred", 12_000, "ada", surface="tab"),
        script.event("attention.focused", 17_500, "ada"),
        script.activity("ada", 0, *buckets),
    ]
    ada = windows_at(events, 30_000)["ada"]
    assert ada.value("since_focus_switch_s") == 12.5
    assert ada.value("stay_before_s") == 5.5
    assert ada.value("brief_focus_share_120s") == pytest.approx(1 / 3), "2 s, 8 s and 5.5 s"
    assert ada.value("focus_switches_30s") == 4
    assert ada.value("input_since_switch") == pytest.approx(24), "2 in each 5 s"
    assert ada.events["brief_focus_share_120s"][-1] == "evt_5"


def test_input_before_the_switch_is_not_counted_since_it() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.activity("ada", 0, {"key_presses": 60}, {}, {"clicks": 3}, {}),
        script.event("attention.focused", 5_000, "ada"),
    ]
    ada = windows_at(events, 20_000)["ada"]
    assert ada.value("input_since_switch") == pytest.approx(12)
    assert ada.value("stay_before_s") is None
    assert ada.value("brief_focus_share_120s") is None


def test_without_counts_or_without_changes_nothing_is_said_of_input_in_a_stay() -> None:
    script = Script()
    events = [
        script.joined("ada"),
        script.joined("ben"),
        script.event("attention.focused", 5_000, "ada"),
        script.activity("ben", 0, {"clicks": 3}, {}, {}, {}),
    ]
    windows = windows_at(events, 20_000)
    assert windows["ada"].value("input_since_switch") is None
    assert windows["ada"].value("since_focus_switch_s") == 15
    assert windows["ben"].value("input_since_switch") is None
    assert windows["ben"].value("since_focus_switch_s") is None


def test_a_window_behind_and_another_in_front_at_once_are_no_stay() -> None:
    script = Script()
    events = [script.joined("ada")]
    for at in (1_000, 11_000, 21_000):
        events.append(script.event("attention.blurred", at, "ada", surface="window"))
        events.append(script.event("attention.focused", at + 40, "ada"))
    ada = windows_at(events, 25_000)["ada"]
    assert ada.value("brief_focus_share_120s") == 0
    assert ada.value("stay_before_s") == pytest.approx(9.96)
