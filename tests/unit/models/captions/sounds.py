"""Sounds that hold no speech; each float32, shape (n,), at 16 kHz, made from numbers alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE

Samples = NDArray[np.float32]


def silence(seconds: float = 4.0) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def white_noise(level: float, seconds: float = 4.0, seed: int = 1) -> Samples:
    noise = np.random.default_rng(seed).normal(0, level, int(seconds * SAMPLE_RATE))
    return np.asarray(np.clip(noise, -1, 1), np.float32)


def brown_noise(seconds: float = 4.0, seed: int = 2) -> Samples:
    walk = np.cumsum(np.random.default_rng(seed).normal(0, 1, int(seconds * SAMPLE_RATE)))
    walk -= np.convolve(walk, np.ones(800) / 800, mode="same")
    return np.asarray(0.3 * walk / np.abs(walk).max(), np.float32)


def tone(hertz: float, seconds: float = 4.0) -> Samples:
    time_s = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(0.3 * np.sin(2 * np.pi * hertz * time_s), np.float32)


def chord(notes_hertz: Sequence[float], seconds: float) -> Samples:
    """Plucked strings: six harmonics a note, the higher the weaker and the sooner gone."""
    time_s = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    sound = sum(
        np.sin(2 * np.pi * note * harmonic * time_s) * np.exp(-1.5 * harmonic * time_s) / harmonic
        for note in notes_hertz
        for harmonic in range(1, 7)
    )
    return np.asarray(0.3 * sound / np.abs(sound).max(), dtype=np.float32)


def music() -> Samples:
    """A cadence of four chords, half a second each, played twice."""
    cadence = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    return np.concatenate([chord(notes, 0.5) for notes in cadence * 2])


def keyboard_clicks(seconds: float = 4.0, seed: int = 3) -> Samples:
    """Key strokes, seven a second: 8 ms bursts with a second, weaker one at the release."""
    generator = np.random.default_rng(seed)
    sound = generator.normal(0, 0.001, int(seconds * SAMPLE_RATE))
    burst = np.exp(-np.arange(400) / 60)
    for start in np.cumsum(generator.integers(1200, 3400, int(7 * seconds))):
        for offset, level in ((0, 0.5), (900, 0.2)):
            end = min(start + offset + len(burst), len(sound))
            length = max(end - start - offset, 0)
            sound[end - length : end] += level * burst[:length] * generator.normal(0, 1, length)
    return np.asarray(np.clip(sound, -1, 1), np.float32)


NOT_SPEECH = {
    "silence": silence(),
    "quiet noise": white_noise(0.003),
    "white noise": white_noise(0.05),
    "loud white noise": white_noise(0.3),
    "brown noise": brown_noise(),
    "tone of 440 Hz": tone(440),
    "mains hum": tone(50),
    "two tones": tone(697) + tone(1209),
    "music": music(),
    "keyboard clicks": keyboard_clicks(),
}
