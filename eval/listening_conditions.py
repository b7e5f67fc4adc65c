"""Speech as it reaches a lesson: clean, among voices, across a room, over a telephone.

Samples are float32, shape (n,), -1..1, 16 kHz; the same seed always gives the same samples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from eval.breathless_speech import read_samples
from eval.data import Clip
from media_ingest.frames import SAMPLE_RATE

Samples = NDArray[np.float32]

SEED = 20_261_126
BABBLE_DECIBELS = 10.0
"""How much louder the speaker is than the voices around, as the power of both."""
BABBLE_VOICES = 4
REVERBERATION_S = 0.6
"""Time in which a room's sound falls by 60 dB: a classroom that nobody treated (ISO 3382-2)."""
DIRECT_TO_REVERBERANT_DECIBELS = 0.0
"""As loud from the walls as from the mouth: a microphone some metres away."""
TELEPHONE_HERTZ = (300.0, 3400.0)
MU_LAW = 255.0
CONDITIONS = ("clean", "babble 10 dB", "far field", "telephone")


def in_condition(condition: str, clips: Sequence[Clip], seed: int = SEED) -> list[Samples]:
    """Return the clips as heard in one of `CONDITIONS`, in their order."""
    spoken = [read_samples(clip.path) for clip in clips]
    if condition == "clean":
        return spoken
    generator = np.random.default_rng(seed)
    if condition == "telephone":
        return [telephone(samples) for samples in spoken]
    if condition == "far field":
        return [far_field(samples, generator) for samples in spoken]
    return [
        with_babble(samples, _others(spoken, clips, clip), generator)
        for clip, samples in zip(clips, spoken, strict=True)
    ]


def _others(spoken: Sequence[Samples], clips: Sequence[Clip], clip: Clip) -> list[Samples]:
    """Return what other people than a clip's speaker say."""
    return [
        samples
        for samples, other in zip(spoken, clips, strict=True)
        if other.speaker != clip.speaker
    ]


def with_babble(
    samples: Samples,
    voices: Sequence[Samples],
    generator: Generator,
    decibels: float = BABBLE_DECIBELS,
) -> Samples:
    """Mix speech with voices that are each as loud as the other, so many decibels below it."""
    chosen = generator.choice(len(voices), BABBLE_VOICES, replace=False)
    babble = np.zeros(len(samples), np.float64)
    for index in chosen:
        voice = np.roll(voices[index], generator.integers(len(voices[index])))
        babble += np.resize(voice, len(samples)) / max(_level(voice), 1e-6)
    loudness = _level(samples) / 10 ** (decibels / 20)
    return _unclipped(samples + babble * (loudness / max(_level(babble), 1e-6)))


def far_field(samples: Samples, generator: Generator) -> Samples:
    """Put speech some metres from the microphone, in a room.

    The room's answer is the direct sound and then noise that decays exponentially (Polack's
    statistical model; Habets, 2007, chapter 2).
    """
    seconds = np.arange(round(REVERBERATION_S * SAMPLE_RATE)) / SAMPLE_RATE
    tail = generator.standard_normal(len(seconds)) * np.exp(
        -3 * np.log(10) * seconds / REVERBERATION_S
    )
    tail *= 10 ** (-DIRECT_TO_REVERBERANT_DECIBELS / 20) / np.sqrt(np.sum(tail**2))
    tail[0] += 1.0
    size = 1 << (len(samples) + len(tail)).bit_length()
    heard = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return _unclipped(heard[: len(samples)])


def telephone(samples: Samples) -> Samples:
    """Send speech over a telephone: 300 to 3400 Hz at 8 kHz, 8 bits by the mu-law (ITU-T G.711)."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    low, high = TELEPHONE_HERTZ
    spectrum[(hertz < low) | (hertz > high)] = 0
    narrow = np.clip(np.fft.irfft(spectrum, len(samples)), -1, 1)[::2]
    squeezed = np.sign(narrow) * np.log1p(MU_LAW * np.abs(narrow)) / np.log1p(MU_LAW)
    coded = np.round(squeezed * 127) / 127
    received = np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(MU_LAW)) / MU_LAW
    bands = np.fft.rfft(received)
    wide = np.zeros(len(samples) // 2 + 1, np.complex128)
    wide[: len(bands)] = 2 * bands[: len(wide)]
    return _unclipped(np.fft.irfft(wide, len(samples)))


def _level(samples: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def _unclipped(samples: NDArray[np.floating]) -> Samples:
    """Turn speech down where it would clip."""
    return np.asarray(samples / max(1.0, float(np.abs(samples).max())), np.float32)
