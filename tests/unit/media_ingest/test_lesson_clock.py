from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import InvalidInput
from media_ingest.lesson_clock import LessonClock

STARTED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Clocks:
    """A wall clock that somebody may set, and a monotonic one that nobody can."""

    def __init__(self) -> None:
        self.wall = STARTED
        self.seconds = 1234.5

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.seconds += seconds

    def lesson_clock(self, started_at: datetime = STARTED) -> LessonClock:
        return LessonClock(started_at, lambda: self.wall, lambda: self.seconds)


def test_it_counts_milliseconds_since_the_lesson_began() -> None:
    clocks = Clocks()
    clock = clocks.lesson_clock()
    clocks.pass_by(90.25)
    assert clock.now_ms() == pytest.approx(90_250)


def test_a_worker_that_joins_late_reads_the_same_time() -> None:
    clocks = Clocks()
    early = clocks.lesson_clock()
    clocks.pass_by(1800)
    late = clocks.lesson_clock(STARTED.astimezone(timezone(timedelta(hours=-5))))
    assert late.now_ms() == pytest.approx(early.now_ms())


@given(st.lists(st.tuples(st.floats(0, 3600), st.floats(-7200, 7200)), max_size=20))
def test_setting_the_wall_clock_never_moves_it(steps: list[tuple[float, float]]) -> None:
    clocks = Clocks()
    clock = clocks.lesson_clock()
    passed = 0.0
    for seconds, correction in steps:
        clocks.pass_by(seconds)
        clocks.wall += timedelta(seconds=correction)
        passed += seconds
        assert clock.now_ms() == pytest.approx(1000 * passed)


def test_before_the_lesson_began_it_stands_at_zero() -> None:
    assert Clocks().lesson_clock(STARTED + timedelta(seconds=5)).now_ms() == 0


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="started_at"):
        LessonClock(datetime(2026, 11, 22, 9, 0))


def test_the_clocks_of_this_machine_will_do() -> None:
    clock = LessonClock(datetime.now(UTC) - timedelta(seconds=10))
    assert 10_000 <= clock.now_ms() <= clock.now_ms() < 12_000
