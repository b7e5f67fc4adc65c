"""Aggregates: no number about fewer than five people, nor for a purpose that nobody agreed to."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.aggregates import SMALLEST_GROUP, WEEK, Aggregate, Purpose, shown, whole_weeks


def numbers(learners: int, respondents: int) -> Aggregate:
    return Aggregate(
        tenant_id="ten_1",
        week=date(2026, 11, 16),
        course_id=None,
        lessons=2,
        learners=learners,
        attendances=9,
        minutes=300,
        respondents=respondents,
        answers=40,
        share_correct=0.5,
    )


@given(learners=st.integers(0, 10), respondents=st.integers(0, 10))
def test_a_number_is_about_at_least_five_people(learners: int, respondents: int) -> None:
    seen = shown(numbers(learners, respondents), list(Purpose))
    assert (seen.minutes is None) == (learners < SMALLEST_GROUP)
    assert (seen.share_correct is None) == (min(learners, respondents) < SMALLEST_GROUP)
    for count in (seen.learners, seen.respondents):
        assert count is None or count >= SMALLEST_GROUP


@pytest.mark.parametrize("purpose", Purpose)
def test_a_client_sees_what_the_contract_is_about(purpose: Purpose) -> None:
    seen = shown(numbers(9, 9), [purpose])
    assert (seen.minutes is not None) == (purpose is Purpose.ATTENDANCE)
    assert (seen.answers is not None) == (purpose is Purpose.PROGRESS)


days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(first=days, last=days, today=days)
def test_only_whole_weeks_that_are_over_are_counted(first: date, last: date, today: date) -> None:
    begin, end = whole_weeks(first, last, today)
    assert begin.weekday() == 0
    assert begin >= first
    assert begin <= end
    if begin < end:
        assert (end - begin) % WEEK == 0 * WEEK
        assert end - begin > 0 * WEEK
        assert end <= today
        assert (end - last).days <= 1
