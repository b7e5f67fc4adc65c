from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_ingest.arrivals import LONG_PAUSE_MS, WINDOW_MS, EarliestArrivals, StoppedClock


@given(st.lists(st.tuples(st.floats(0, 3_000), st.floats(-1_000, 1_000)), min_size=1, max_size=100))
def test_the_earliest_of_the_last_ten_seconds_counts(arrivals: list[tuple[float, float]]) -> None:
    earliest = EarliestArrivals()
    at_ms, seen = 0.0, []
    for waited_ms, offset_ms in arrivals:
        at_ms += waited_ms
        seen.append((at_ms, offset_ms))
        earliest.add(at_ms, offset_ms)
        assert earliest.offset_ms <= min(o for t, o in seen if at_ms - t <= WINDOW_MS - 500)
        assert earliest.offset_ms >= min(o for t, o in seen if at_ms - t <= WINDOW_MS + 500)


def test_packets_that_stay_late_prove_a_stopped_clock() -> None:
    stopped = StoppedClock()
    offsets = [stopped.offset_after(20.0 * i, 2_000 + i % 3, 2_000) for i in range(25)]
    assert offsets[:20] == [None] * 20
    assert offsets[20] == 2_000


def test_a_backlog_that_drains_proves_nothing() -> None:
    stopped = StoppedClock()
    for i in range(120):
        assert stopped.offset_after(5.0 * i, 3_000 - 15.0 * i, 3_000 - 15.0 * i) is None


def test_packets_later_than_any_backlog_need_no_proof() -> None:
    assert StoppedClock().offset_after(0, 9_000, LONG_PAUSE_MS + 1) == 9_000


def test_one_packet_in_time_takes_the_suspicion_away() -> None:
    stopped = StoppedClock()
    for i in range(19):
        assert stopped.offset_after(20.0 * i, 2_000, 2_000) is None
    assert stopped.offset_after(380, 0, 0) is None
    assert stopped.offset_after(400, 2_000, 2_000) is None
