from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_ingest.counters import TrackCounters
from media_ingest.frames import SAMPLE_RATE
from media_ingest.resampling import Resampler
from tests.unit.media_ingest.sounds import Samples, tone

CHANNELS = {"mono": 1, "stereo": 2}
FULL_SCALES = {"s16": 2**15, "s16p": 2**15, "s32": 2**31, "flt": 1, "fltp": 1}
DTYPES = {"s16": "i2", "s16p": "i2", "s32": "i4", "flt": "f4", "fltp": "f4"}


def audio_frame(samples: Samples, sample_format: str, layout: str, rate: int) -> av.AudioFrame:
    """The same samples in every channel."""
    scaled = (samples * FULL_SCALES[sample_format]).astype(DTYPES[sample_format])
    planes = np.tile(scaled, (CHANNELS[layout], 1))
    packed = planes if sample_format.endswith("p") else planes.T.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(packed), sample_format, layout)
    frame.sample_rate = rate
    frame.time_base = Fraction(1, rate)
    return frame


def sine(rate: int, hertz: float = 440, seconds: float = 1.0) -> Samples:
    phase = 2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(phase)).astype(np.float32)


def resampled(
    resampler: Resampler, samples: Samples, *, rate: int, kind: tuple[str, str]
) -> Samples:
    step = rate // 50
    parts = [
        resampler.resample(audio_frame(samples[at : at + step], *kind, rate))
        for at in range(0, len(samples), step)
    ]
    return np.concatenate([*parts, resampler.flush()])


@pytest.mark.parametrize("sample_format", DTYPES)
@pytest.mark.parametrize("layout", CHANNELS)
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_every_format_comes_out_as_the_same_sound(
    sample_format: str, layout: str, rate: int
) -> None:
    out = resampled(Resampler(), sine(rate), rate=rate, kind=(sample_format, layout))
    assert out.dtype == np.float32
    assert out.ndim == 1
    assert len(out) == pytest.approx(SAMPLE_RATE, abs=20)
    middle = slice(1000, 15_000)
    assert np.abs(out[middle] - tone(1.0, 440, 0.5)[: len(out)][middle]).max() < 0.02


def test_frames_join_without_a_seam_and_in_step() -> None:
    resampler = Resampler()
    samples = sine(48_000, seconds=10)
    lengths = [
        len(resampler.resample(audio_frame(samples[at : at + 960], "s16", "stereo", 48_000)))
        for at in range(0, len(samples), 960)
    ]
    assert set(lengths[1:]) == {320}
    assert 290 <= lengths[0] <= 320


@pytest.mark.parametrize("sample_format", ["flt", "fltp"])
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_become_silence_and_are_counted(
    sample_format: str, broken: float
) -> None:
    counters = TrackCounters()
    resampler = Resampler(counters)
    samples = sine(48_000)
    samples[4800:5280] = broken
    out = resampled(resampler, samples, rate=48_000, kind=(sample_format, "stereo"))
    assert np.isfinite(out).all()
    assert np.abs(out[1620:1740]).max() < 0.1
    assert counters.samples_replaced == 2 * 480
    whole = resampled(Resampler(), sine(48_000), rate=48_000, kind=(sample_format, "stereo"))
    assert np.allclose(out[2000:], whole[2000:], atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(width=32), min_size=1, max_size=40))
def test_whatever_floats_come_in_what_goes_out_is_in_range(values: list[float]) -> None:
    samples = np.resize(np.array(values, np.float32), 960)
    resampler = Resampler()
    out = np.concatenate(
        [resampler.resample(audio_frame(samples, "fltp", "mono", 48_000)), resampler.flush()]
    )
    assert len(out) == 320
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1


def test_a_track_may_change_its_format() -> None:
    resampler = Resampler()
    resampler.resample(audio_frame(sine(48_000), "s16", "stereo", 48_000))
    assert len(resampler.resample(audio_frame(sine(8_000), "s16", "mono", 8_000))) > 15_500


def test_a_track_without_frames_has_nothing_to_flush() -> None:
    assert len(Resampler().flush()) == 0
