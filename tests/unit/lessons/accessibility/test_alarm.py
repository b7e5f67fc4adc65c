"""When a target counts as missed, and when as met again."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lessons.accessibility.alarm import PATIENCE_MS, WINDOW_MS, Change, TargetWatch

TARGET_MS = 3_000
STEP_MS = 1_000


def run(
    latencies: Mapping[int, float], until_ms: int, waiting: Mapping[int, int] | None = None
) -> list[tuple[int, Change]]:
    """Judge every second; `waiting` says from when to when which speech has no captions."""
    watch, changes = TargetWatch(TARGET_MS), []
    for now_ms in range(0, until_ms, STEP_MS):
        if now_ms in latencies:
            watch.measure(now_ms, latencies[now_ms])
        since = next((at for at, to in (waiting or {}).items() if at <= now_ms < to), None)
        change = watch.judge(now_ms, since)
        if change is not None:
            changes.append((now_ms, change))
    return changes


def every(step_ms: int, start_ms: int, end_ms: int, latency: float) -> dict[int, float]:
    return dict.fromkeys(range(start_ms, end_ms, step_ms), latency)


def test_captions_that_stay_late_are_told_after_half_a_minute_and_once() -> None:
    [(at_ms, change)] = run(every(5_000, 10_000, 200_000, 4_200), 200_000)
    assert at_ms == 10_000 + PATIENCE_MS
    assert (change.kind, change.reason) == ("missed", "late")
    assert (change.since_ms, change.measured_ms) == (10_000, 4_200)


def test_captions_that_stop_although_somebody_spoke_are_told_too() -> None:
    spoken_ms = 20_000
    [(at_ms, change)] = run({}, 120_000, {spoken_ms: 120_000})
    assert (change.kind, change.reason) == ("missed", "no_captions")
    assert change.since_ms == spoken_ms + TARGET_MS
    assert 0 <= at_ms - (change.since_ms + PATIENCE_MS) <= STEP_MS


def test_one_late_caption_is_no_alarm() -> None:
    good = every(4_000, 0, 100_000, 900)
    assert run(good | {40_000: 25_000}, 100_000) == []
    assert run({40_000: 25_000}, 100_000) == []


def test_it_is_met_again_after_half_a_minute_without_a_miss_and_not_by_silence() -> None:
    late = every(5_000, 0, 60_000, 9_000)
    assert [change.kind for _, change in run(late, 300_000)] == ["missed"]
    changes = run(late | every(5_000, 200_000, 300_000, 800), 300_000)
    assert [change.kind for _, change in changes] == ["missed", "met"]
    (_, missed), (at_ms, met) = changes
    assert at_ms == 200_000
    assert met.since_ms == missed.since_ms
    assert 55_000 <= met.until_ms < 55_000 + WINDOW_MS


steps = st.lists(
    st.tuples(st.integers(1, 20), st.sampled_from([500, 2_999, 3_000, 3_001, 9_000])), max_size=60
)


@given(steps)
def test_alarms_and_their_ends_take_turns_and_none_comes_early(
    spoken: list[tuple[int, int]],
) -> None:
    latencies, at_ms = {}, 0
    for pause, latency in spoken:
        at_ms += pause * STEP_MS
        latencies[at_ms] = latency
    changes = run(latencies, at_ms + 120_000)
    kinds = [change.kind for _, change in changes]
    assert all(one != other for one, other in pairwise(kinds))
    assert kinds[:1] in ([], ["missed"])
    for now_ms, change in changes:
        if change.kind == "missed":
            assert now_ms - change.since_ms >= PATIENCE_MS
            assert change.measured_ms > TARGET_MS
        else:
            assert now_ms - change.until_ms >= PATIENCE_MS
            assert change.measured_ms <= TARGET_MS


@given(st.lists(st.integers(0, TARGET_MS), min_size=1, max_size=60), st.integers(1, 40))
def test_what_is_always_in_time_is_never_an_alarm(latencies: list[int], pause: int) -> None:
    measured = {index * pause * STEP_MS: value for index, value in enumerate(latencies)}
    assert run({at: float(value) for at, value in measured.items()}, 200_000) == []


@given(st.integers(1, 14), st.integers(TARGET_MS + 1, 60_000), st.integers(0, 2))
def test_late_ones_among_good_ones_are_an_alarm_too(
    pause: int, latency: int, good_between: int
) -> None:
    """However many are in time: 95 of 100 have to be."""
    gap = pause * STEP_MS // (good_between + 1) // STEP_MS * STEP_MS
    measured = every(pause * STEP_MS, 0, 100_000, float(latency))
    for number in range(1, good_between + 1):
        if gap:
            good = every(pause * STEP_MS, gap * number, 100_000, 100.0)
            measured = good | measured
    assert [change.kind for _, change in run(measured, 100_000)] == ["missed"]
