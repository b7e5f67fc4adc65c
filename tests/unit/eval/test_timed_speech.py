"""Streams for benchmarks: clips in an order of their own, words on the stream's clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from eval.data import Clip
from eval.timed_speech import GAP_S, TimedClip, TimedWord, make_streams
from media_ingest.frames import SAMPLE_RATE


def clip(name: str, seconds: int) -> TimedClip:
    words = tuple(TimedWord(f"{name}{second}", second + 0.5) for second in range(seconds))
    starts = tuple(float(second) for second in range(seconds))
    about = Clip(name, Path(name), " ".join(word.text for word in words), name, seconds)
    return TimedClip(about, np.full(seconds * SAMPLE_RATE, 0.5, np.float32), words, starts)


CLIPS = [clip("a", 3), clip("b", 5), clip("c", 20)]


def test_no_stream_is_longer_than_asked_and_each_has_its_own_order() -> None:
    streams = make_streams(CLIPS, 12, 15)
    assert all(stream.seconds <= 15 for stream in streams)
    assert len({stream.reference for stream in streams}) == 2
    assert make_streams(CLIPS, 2, 15)[1].reference == streams[1].reference


def test_words_lie_where_their_clip_sounds() -> None:
    for stream in make_streams(CLIPS, 4, 40):
        assert [word.text for word in stream.words] == stream.reference.split()
        for word in stream.words:
            assert stream.samples[round((word.end_s - 0.25) * SAMPLE_RATE)] == 0.5
            before = round(word.end_s * SAMPLE_RATE) - round((GAP_S + 0.5) * SAMPLE_RATE)
            assert word.text[1:] != "0" or stream.samples[before + 100] == 0


def test_a_sentence_ends_where_a_clip_does_and_where_somebody_pauses() -> None:
    [stream] = make_streams([clip("a", 2)], 1, 15)
    assert stream.sentences == (1,)
    [paused] = make_streams(
        [
            TimedClip(
                clip("a", 3).clip,
                np.zeros(3 * SAMPLE_RATE, np.float32),
                (TimedWord("a0", 0.4), TimedWord("a1", 0.9), TimedWord("a2", 3.0)),
                (0.0, 0.5, 2.0),
            )
        ],
        1,
        15,
    )
    assert paused.sentences == (1, 2)
