from __future__ import annotations

import numpy as np
import pytest

from media_ingest.open_utterance import CHUNK_MS, Chunk, OpenUtterance
from media_ingest.voice_activity import CHUNK_SAMPLES


def utterance(probabilities: list[float], loudness: list[float] | None = None) -> OpenUtterance:
    spoken = OpenUtterance(4, 1000.0)
    for index, probability in enumerate(probabilities):
        level = loudness[index] if loudness else 0.1
        samples = np.full(CHUNK_SAMPLES, level, np.float32)
        chunk = Chunk(1000 + index * CHUNK_MS, samples, probability)
        spoken.append(chunk, probability >= 0.5)
    return spoken


def test_it_is_cut_where_it_sounds_least_like_speech() -> None:
    final, rest = utterance([0.9] * 20 + [0.1] * 3 + [0.9] * 20).split_at_quietest(0)
    assert final.ends_utterance
    assert len(final.samples) == 21 * CHUNK_SAMPLES
    assert rest[0].start_ms == pytest.approx(final.end_ms)
    assert final.speech_end_ms <= final.end_ms


def test_between_equals_it_is_cut_where_it_is_quieter() -> None:
    loudness = [0.2] * 30
    loudness[17:20] = [0.05] * 3
    final, _ = utterance([1.0] * 30, loudness).split_at_quietest(0)
    assert len(final.samples) == 18 * CHUNK_SAMPLES


def test_it_is_not_cut_before_the_earliest_time_allowed() -> None:
    final, rest = utterance([0.9] * 5 + [0.0] * 3 + [0.9] * 20).split_at_quietest(10 * CHUNK_MS)
    assert len(final.samples) >= 10 * CHUNK_SAMPLES
    assert rest


def test_a_pause_is_told_once_until_speech_is_back() -> None:
    spoken = utterance([0.9] * 10 + [0.0] * 7)
    assert spoken.pause_begins(200)
    assert len(spoken.speculation(200).samples) == 16 * CHUNK_SAMPLES
    assert not spoken.pause_begins(200)
    spoken.append(Chunk(spoken.end_ms, np.zeros(CHUNK_SAMPLES, np.float32), 0.9), True)
    assert not spoken.pause_begins(200)
    assert spoken.pause_ms == 0


def test_what_is_behind_the_final_is_kept_for_the_next_one() -> None:
    spoken = utterance([0.9] * 10 + [0.0] * 16)
    final, after = spoken.final(200), spoken.after(200)
    assert final.utterance == 4
    assert len(final.samples) + len(after) * CHUNK_SAMPLES == 26 * CHUNK_SAMPLES
    assert after[0].start_ms == pytest.approx(final.end_ms)
