from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.errors import Conflict, InvalidInput
from lessons.events import (
    DEFAULT_LATE,
    EventData,
    EventDraft,
    HandRaised,
    HomeworkCompleted,
    PostingWindow,
)
from lessons.records import Lesson

CREATED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STARTED = CREATED + timedelta(hours=1)
ENDED = STARTED + timedelta(hours=1)

moments = st.timedeltas(timedelta(days=-40), timedelta(days=40))
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def _lesson(ended_at: datetime | None = None, started_at: datetime | None = STARTED) -> Lesson:
    return Lesson(
        id="les_1",
        tenant_id="ten_1",
        title="Fractions",
        status="ended" if ended_at else "live",
        created_at=CREATED,
        started_at=started_at,
        ended_at=ended_at,
        language="en",
    )


def _draft(
    data: EventData | None = None, lesson_time_ms: int | None = None, time: datetime | None = None
) -> EventDraft:
    return EventDraft(data or HandRaised(), lesson_time_ms, "par_1", "p-1", time)


@given(after=st.timedeltas(timedelta(0), timedelta(days=9)), late=st.timedeltas(timedelta(0)))
def test_a_late_event_is_taken_exactly_within_the_tenants_window(
    after: timedelta, late: timedelta
) -> None:
    late = min(late, timedelta(days=30))
    window = PostingWindow(_lesson(ENDED), ENDED + after, late)
    window.check(_draft(HomeworkCompleted(homework_id="h-1")))
    if after <= late:
        window.check(_draft())
    else:
        with pytest.raises(Conflict) as refused:
            window.check(_draft())
        assert refused.value.field == "lesson_id"


def test_a_lesson_that_goes_on_takes_events_however_long_it_lasts() -> None:
    PostingWindow(_lesson(), STARTED + timedelta(days=400)).check(_draft())


@given(distance=moments, zone=zones)
def test_a_time_is_taken_from_a_day_before_the_lesson_to_five_minutes_ahead(
    distance: timedelta, zone: timezone
) -> None:
    now = CREATED + timedelta(days=3)
    time = (now + distance).astimezone(zone)
    window = PostingWindow(_lesson(), now)
    if CREATED - timedelta(days=1) <= time <= now + timedelta(minutes=5):
        window.check(_draft(time=time))
    else:
        with pytest.raises(InvalidInput) as refused:
            window.check(_draft(time=time))
        assert refused.value.field == "time"


@pytest.mark.parametrize(
    "time",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-14))),
    ],
)
def test_a_time_at_the_end_of_the_calendar_is_refused_and_breaks_nothing(time: datetime) -> None:
    with pytest.raises(InvalidInput):
        PostingWindow(_lesson(), STARTED).check(_draft(time=time))


@given(
    reached=st.timedeltas(timedelta(0), timedelta(days=20)),
    lesson_time=st.timedeltas(timedelta(0), timedelta(days=24)),
    started=st.booleans(),
)
def test_a_place_on_the_lesson_clock_is_taken_where_the_clock_can_have_been(
    reached: timedelta, lesson_time: timedelta, started: bool
) -> None:
    began = STARTED if started else CREATED
    window = PostingWindow(_lesson(started_at=STARTED if started else None), began + reached)
    milliseconds = lesson_time // timedelta(milliseconds=1)
    lesson_time = timedelta(milliseconds=milliseconds)
    if lesson_time <= max(timedelta(hours=24), reached + timedelta(minutes=5)):
        window.check(_draft(lesson_time_ms=milliseconds))
    else:
        with pytest.raises(InvalidInput) as refused:
            window.check(_draft(lesson_time_ms=milliseconds))
        assert refused.value.field == "lessontimems"


def test_the_window_is_a_day_unless_set() -> None:
    assert timedelta(hours=24) == DEFAULT_LATE
    with pytest.raises(Conflict, match="1440 minutes"):
        PostingWindow(_lesson(ENDED), ENDED + timedelta(hours=25)).check(_draft())
