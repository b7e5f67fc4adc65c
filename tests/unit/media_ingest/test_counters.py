from __future__ import annotations

from media_ingest.counters import TrackCounters


def test_totals_start_at_zero_and_are_told_by_name() -> None:
    counters = TrackCounters()
    assert set(counters.as_dict().values()) == {0}
    counters.audio_frames_dropped += 3
    assert counters.as_dict()["audio_frames_dropped"] == 3
