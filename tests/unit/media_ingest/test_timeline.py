from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket
from hypothesis import given, settings
from hypothesis import strategies as st

from media_ingest.counters import TrackCounters
from media_ingest.timeline import TrackTimeline

CLOCK_RATE = 48_000
SAMPLE_RATE = 16_000
BASE_DELAY_MS = 40.0
PREFETCH_PACKETS = 4
"""What aiortc's audio jitter buffer always holds back."""
CAPACITY_PACKETS = 16
"""What it holds back at most."""


@dataclass
class Network:
    """A sender with its own clock, and a network that delays, loses, repeats and reorders."""

    seconds: float
    packet_ms: int = 20
    drift_ppm: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    first_timestamp: int = 0
    first_sequence: int = 0
    seed: int = 0
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def arrivals(self) -> Iterator[tuple[float, float, int, int]]:
        """(arrived_ms, captured_ms, sequence, timestamp), by arrival; times on our clock."""
        count = int(1000 * self.seconds / self.packet_ms)
        sender_ms = self.packet_ms / (1 + self.drift_ppm * 1e-6)
        packets = []
        for index in range(count):
            captured_ms = 1000.0 + index * sender_ms
            sequence = (self.first_sequence + index) % 2**16
            timestamp = (self.first_timestamp + index * self.packet_ms * 48) % 2**32
            if self.random.random() < self.loss:
                continue
            for _ in range(1 + (self.random.random() < self.duplication)):
                delay_ms = BASE_DELAY_MS + self.random.random() * self.jitter_ms
                arrived_ms = captured_ms + sender_ms + delay_ms
                packets.append((arrived_ms, captured_ms, sequence, timestamp))
        return iter(sorted(packets))


def through_jitter_buffer(network: Network) -> Iterator[tuple[float, float, int]]:
    """(arrived_ms, captured_ms, timestamp) of the frames that aiortc's own buffer releases."""
    buffer = JitterBuffer(capacity=CAPACITY_PACKETS, prefetch=PREFETCH_PACKETS)
    captured: dict[int, float] = {}
    for arrived_ms, captured_ms, sequence, timestamp in network.arrivals():
        packet = RtpPacket(payload_type=96, sequence_number=sequence, timestamp=timestamp)
        packet._data = b"opus"  # type: ignore[attr-defined]  # aiortc sets it when it depayloads
        captured[timestamp] = captured_ms
        _, frame = buffer.add(packet)
        if frame is not None:
            yield arrived_ms, captured[frame.timestamp], frame.timestamp


def place(timeline: TrackTimeline, timestamp: int, arrived_ms: float, packet_ms: int = 20) -> float:
    samples = packet_ms * SAMPLE_RATE // 1000
    start_ms = timeline.place(timestamp, CLOCK_RATE, samples, arrived_ms)
    assert start_ms is not None
    return start_ms


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    jitter_ms=st.floats(0, 150),
    loss=st.floats(0, 0.3),
    duplication=st.floats(0, 0.3),
    drift_ppm=st.floats(-200, 200),
    first_timestamp=st.integers(0, 2**32 - 1),
    first_sequence=st.integers(0, 2**16 - 1),
)
def test_packets_reordered_dropped_and_repeated_are_placed_in_order_and_in_bounds(
    seed: int,
    jitter_ms: float,
    loss: float,
    duplication: float,
    drift_ppm: float,
    first_timestamp: int,
    first_sequence: int,
) -> None:
    network = Network(
        seconds=40,
        jitter_ms=jitter_ms,
        loss=loss,
        duplication=duplication,
        drift_ppm=drift_ppm,
        first_timestamp=first_timestamp,
        first_sequence=first_sequence,
        seed=seed,
    )
    timeline = TrackTimeline(SAMPLE_RATE)
    last_ms = 0.0
    held_ms = 20 * PREFETCH_PACKETS
    most_held_ms = 20 * CAPACITY_PACKETS
    for arrived_ms, captured_ms, timestamp in through_jitter_buffer(network):
        start_ms = place(timeline, timestamp, arrived_ms)
        assert start_ms >= last_ms
        last_ms = start_ms
        error_ms = start_ms - (captured_ms + BASE_DELAY_MS)
        assert held_ms - 5 <= error_ms <= most_held_ms + jitter_ms
    assert timeline.counters.timestamp_resets == 0


@pytest.mark.parametrize("drift_ppm", [-200.0, 200.0])
def test_three_hours_of_drift_and_jitter_stay_within_ten_milliseconds(drift_ppm: float) -> None:
    network = Network(
        seconds=3 * 3600,
        packet_ms=60,
        drift_ppm=drift_ppm,
        jitter_ms=120,
        first_timestamp=2**32 - 48_000 * 3600,  # wraps after an hour
        seed=7,
    )
    timeline = TrackTimeline(SAMPLE_RATE)
    worst_ms, last_ms = 0.0, 0.0
    for arrived_ms, captured_ms, _, timestamp in network.arrivals():
        start_ms = timeline.place(timestamp, CLOCK_RATE, 960, arrived_ms)
        if start_ms is None:
            continue  # overtaken on the way; there is no jitter buffer in this test
        assert start_ms >= last_ms
        last_ms = start_ms
        if captured_ms > 40_000:
            worst_ms = max(worst_ms, abs(start_ms - captured_ms - BASE_DELAY_MS))
    assert last_ms > (3 * 3600 - 5) * 1000
    assert worst_ms < 10


@pytest.mark.parametrize("drift_ppm", [-200.0, 0.0, 200.0])
def test_a_perfect_network_gives_times_within_five_milliseconds_from_the_start(
    drift_ppm: float,
) -> None:
    network = Network(seconds=600, drift_ppm=drift_ppm)
    timeline = TrackTimeline(SAMPLE_RATE)
    for arrived_ms, captured_ms, _, timestamp in network.arrivals():
        start_ms = place(timeline, timestamp, arrived_ms)
        assert abs(start_ms - captured_ms - BASE_DELAY_MS) < 5


@pytest.mark.parametrize("waited_ms", [300.0, 1_500.0, 5_000.0])
def test_a_first_packet_that_waited_is_made_up_for_step_by_step(waited_ms: float) -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    arrivals = [1000 + max(waited_ms, 120.0 * (index + 1)) for index in range(600)]
    starts = [
        place(timeline, 48 * 120 * index, arrived_ms, packet_ms=120)
        for index, arrived_ms in enumerate(arrivals)
    ]
    assert starts[0] == 1000 + waited_ms - 120
    assert min(np.diff(starts)) > 100
    assert abs(starts[-1] - (1000 + 120 * 599)) < 5


def test_a_delay_that_grows_does_not_move_the_timeline_with_it() -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    for index in range(60 * 50):
        grown_ms = 0 if index < 1000 else 240  # as from aiortc's first lost packet on
        start_ms = place(timeline, 960 * index, 20.0 * index + 20 + grown_ms)
        assert 0 <= start_ms - 20 * index < 0.5 * 40 + 5


def test_lost_packets_leave_a_gap_of_their_length() -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    before = place(timeline, 48_000, 1000.0)
    after = place(timeline, 48_000 + 960 * 50, 2000.0)
    assert after - before == pytest.approx(1000, abs=1)


def test_late_and_duplicate_frames_are_refused_and_counted() -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    for index in range(10):
        place(timeline, 960 * index, 1000 + 20.0 * index)
    assert timeline.place(960 * 9, CLOCK_RATE, 320, 1190) is None
    assert timeline.place(960 * 4, CLOCK_RATE, 320, 1191) is None
    assert place(timeline, 960 * 10, 1200) == pytest.approx(1180, abs=1)
    assert timeline.counters.stale_frames == 2


@pytest.mark.parametrize("pause_ms", [600, 3_000, 60_000])
def test_after_a_mute_with_a_stopped_sender_clock_speech_is_placed_when_it_is_said(
    pause_ms: int,
) -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    for index in range(100):
        place(timeline, 960 * index, 20.0 * index + 20)
    starts = [
        place(timeline, 960 * index, 20.0 * index + 20 + pause_ms) for index in range(100, 200)
    ]
    assert starts == sorted(starts)
    settled = starts[25:]  # after half a second
    assert all(
        abs(start_ms - (20 * index + pause_ms)) < 5 for index, start_ms in enumerate(settled, 125)
    )


def test_after_a_mute_with_a_running_sender_clock_speech_is_placed_at_once() -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    place(timeline, 0, 20)
    # An hour at 150 ppm: the sender's clock is 540 ms ahead.
    ticks = round(3600 * 48_000 * (1 + 150e-6))
    assert place(timeline, ticks, 3_600_020) == pytest.approx(3_600_000, abs=1)


def test_a_backlog_after_a_stall_of_ours_does_not_move_the_timeline() -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    for index in range(100):
        place(timeline, 960 * index, 20.0 * index + 20)
    stalled_until_ms = 20.0 * 100 + 3_000
    for index in range(100, 400):
        # Frames that waited are worked off at 5 ms each.
        arrived_ms = max(stalled_until_ms + 5 * (index - 100), 20.0 * index + 20)
        assert abs(place(timeline, 960 * index, arrived_ms) - 20 * index) < 5


@pytest.mark.parametrize("restart", [0, 7, 48_000 * 3, 2**31, 2**32 - 960])
def test_new_timestamps_of_a_restarted_sender_go_on_after_what_was_placed(restart: int) -> None:
    counters = TrackCounters()
    timeline = TrackTimeline(SAMPLE_RATE, counters)
    starts = [place(timeline, 48_000 * 5 + 960 * index, 20.0 * index + 20) for index in range(200)]
    for index in range(200, 400):
        timestamp = restart + 960 * (index - 200)
        start_ms = timeline.place(timestamp, CLOCK_RATE, 320, 20.0 * index + 20)
        if start_ms is not None:
            starts.append(start_ms)
    assert starts == sorted(starts)
    assert len(starts) >= 400 - 4
    assert starts[-1] == pytest.approx(20 * 399, abs=25)
    assert counters.timestamp_resets == 1


def test_aiortc_timestamps_that_were_unwrapped_are_the_same_as_wrapped_ones() -> None:
    wrapped, unwrapped = TrackTimeline(SAMPLE_RATE), TrackTimeline(SAMPLE_RATE)
    first = 2**32 - 960 * 10
    for index in range(100):
        arrived_ms = 1000 + 20.0 * index
        timestamp = first + 960 * index
        assert place(wrapped, timestamp % 2**32, arrived_ms) == place(
            unwrapped, timestamp, arrived_ms
        )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**32 - 1), st.floats(0, 2_000), st.sampled_from([0, 160, 320, 960])
        ),
        max_size=60,
    )
)
def test_whatever_a_sender_stamps_starts_never_go_back(
    frames: list[tuple[int, float, int]],
) -> None:
    timeline = TrackTimeline(SAMPLE_RATE)
    arrived_ms, last_ms = 0.0, 0.0
    for timestamp, waited_ms, samples in frames:
        arrived_ms += waited_ms
        start_ms = timeline.place(timestamp, CLOCK_RATE, samples, arrived_ms)
        if start_ms is not None:
            assert start_ms >= last_ms
            assert start_ms < arrived_ms + 4_000
            last_ms = start_ms
