"""Raw audio in any pieces becomes the same frames, on a clock of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lessons.errors import InvalidInput
from media_ingest.frames import SAMPLE_RATE
from media_ingest.raw_audio import FRAME_SAMPLES, Encoding, RawAudioDecoder

SECONDS = 0.5


def tone(rate: int, seconds: float = SECONDS) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)


def pcm16(samples: NDArray[np.float64]) -> bytes:
    return (samples * 32767).astype("<i2").tobytes()


def heard(decoder: RawAudioDecoder, *pieces: bytes) -> NDArray[np.float32]:
    frames = [frame for piece in pieces for frame in decoder.decode(piece)]
    at_ms = 0.0
    for frame in frames:
        assert frame.start_ms == pytest.approx(at_ms)
        assert 0 < len(frame.samples) <= FRAME_SAMPLES
        at_ms = frame.end_ms
    assert decoder.received_ms == pytest.approx(at_ms)
    return np.concatenate([frame.samples for frame in frames])


@given(cuts=st.lists(st.integers(0, int(24_000 * SECONDS) * 2), max_size=6))
def test_pieces_may_be_cut_anywhere(cuts: list[int]) -> None:
    audio = pcm16(tone(24_000))
    edges = [0, *sorted(cuts), len(audio)]
    pieces = [audio[a:b] for a, b in pairwise(edges)]
    whole = heard(RawAudioDecoder("linear16", 24_000), audio)
    np.testing.assert_array_equal(heard(RawAudioDecoder("linear16", 24_000), *pieces), whole)


def encoder_of(codec: str, rate: int) -> Any:
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "mono", "s16"
    return encoder


def g711(codec: str, samples: NDArray[np.float64]) -> bytes:
    encoder = encoder_of(codec, 8_000)
    frame = av.AudioFrame.from_ndarray(
        (samples * 32767).astype(np.int16)[None], format="s16", layout="mono"
    )
    frame.sample_rate = 8_000
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@pytest.mark.parametrize(
    ("encoding", "rate", "audio"),
    [
        ("linear16", 16_000, pcm16(tone(16_000))),
        ("linear16", 48_000, pcm16(tone(48_000))),
        ("float32", 16_000, tone(16_000).astype("<f4").tobytes()),
        ("mulaw", 8_000, g711("pcm_mulaw", tone(8_000))),
        ("alaw", 8_000, g711("pcm_alaw", tone(8_000))),
    ],
)
def test_every_encoding_is_heard(encoding: Encoding, rate: int, audio: bytes) -> None:
    samples = heard(RawAudioDecoder(encoding, rate), audio)
    expected = tone(SAMPLE_RATE)[: len(samples)]
    assert len(samples) == pytest.approx(SAMPLE_RATE * SECONDS, abs=40)
    shifts = range(-20, 21)
    likeness = max(
        np.corrcoef(np.roll(samples, by)[100:-100], expected[100:-100])[0, 1] for by in shifts
    )
    assert likeness > 0.99


def test_opus_comes_in_packets_and_a_broken_one_is_passed_over() -> None:
    encoder = encoder_of("libopus", 48_000)
    packets: list[bytes] = []
    samples = (tone(48_000) * 32767).astype(np.int16)
    for start in range(0, len(samples), 960):
        frame = av.AudioFrame.from_ndarray(
            samples[None, start : start + 960], format="s16", layout="mono"
        )
        frame.sample_rate = 48_000
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    decoder = RawAudioDecoder("opus", 48_000)
    before = heard(decoder, *packets)
    assert float(np.abs(before).max()) > 0.3
    decoder.decode(b"\xff" * 40)
    assert decoder.decode(packets[-1])


def test_two_channels_are_mixed_down() -> None:
    left, silent = tone(16_000), np.zeros(int(16_000 * SECONDS))
    audio = pcm16(np.stack([left, silent], axis=1).reshape(-1))
    samples = heard(RawAudioDecoder("linear16", 16_000, channels=2), audio)
    assert float(np.abs(samples).max()) == pytest.approx(0.25, abs=0.15)


@pytest.mark.parametrize(
    ("rate", "channels", "field"), [(4_000, 1, "sample_rate"), (16_000, 6, "channels")]
)
def test_what_cannot_be_heard_is_refused(rate: int, channels: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        RawAudioDecoder("linear16", rate, channels)
    assert refused.value.field == field
