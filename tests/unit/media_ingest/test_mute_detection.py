from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media_ingest.mute_detection import DIGITAL_SILENCE_MS, NO_AUDIO_MS, MuteDetector

FRAME_MS = 20
ZEROS = np.zeros(320, np.float32)
ROOM = np.full(320, 0.001, np.float32)


def fed(detector: MuteDetector, samples: np.ndarray, start_ms: int, duration_ms: int) -> list[int]:
    """Times at which the state changed."""
    times = range(start_ms, start_ms + duration_ms, FRAME_MS)
    return [now_ms for now_ms in times if detector.feed(samples, now_ms)]


def test_a_quiet_room_is_not_muted() -> None:
    detector = MuteDetector()
    assert fed(detector, ROOM, 0, 60_000) == []
    assert not detector.muted


def test_a_disabled_track_is_muted_until_it_sounds_again() -> None:
    detector = MuteDetector()
    fed(detector, ROOM, 0, 1_000)
    (muted_at,) = fed(detector, ZEROS, 1_000, 10_000)
    assert muted_at - 1_000 <= DIGITAL_SILENCE_MS + FRAME_MS
    assert detector.muted
    assert fed(detector, ROOM, 11_000, 1_000) == [11_000]
    assert not detector.muted


def test_a_pause_behind_a_noise_gate_is_not_a_mute() -> None:
    detector = MuteDetector()
    for second in range(0, 30, 5):
        assert fed(detector, ROOM, 1000 * second, 1_000) == []
        assert fed(detector, ZEROS, 1000 * second + 1_000, 4_000) == []


def test_a_track_that_stops_sending_is_muted() -> None:
    detector = MuteDetector()
    fed(detector, ROOM, 0, 1_000)
    assert not detector.check(1_000 + NO_AUDIO_MS - FRAME_MS)
    assert detector.check(1_001 + NO_AUDIO_MS)
    assert not detector.check(2_000 + NO_AUDIO_MS)
    assert detector.feed(ROOM, 9_000)


def test_a_track_that_never_sent_is_not_muted() -> None:
    assert not MuteDetector().check(100_000)


@given(st.lists(st.tuples(st.integers(1, 8_000), st.booleans(), st.booleans()), max_size=60))
def test_changes_alternate_and_agree_with_the_state(
    steps: list[tuple[int, bool, bool]],
) -> None:
    detector, now_ms, state = MuteDetector(), 0, False
    for wait_ms, sends, sounds in steps:
        now_ms += wait_ms
        changed = (
            detector.feed(ROOM if sounds else ZEROS, now_ms) if sends else detector.check(now_ms)
        )
        assert changed == (detector.muted != state)
        state = detector.muted
        if sends and sounds:
            assert not state
