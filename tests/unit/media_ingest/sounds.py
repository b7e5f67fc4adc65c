"""Sounds that are no speech, and the sample lesson's, which are; float32, 16 kHz, mono."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE, AudioFrame
from media_ingest.recording import read_recording

Samples = NDArray[np.float32]
SAMPLE_LESSON = Path(__file__).parents[3] / "serving" / "sample_lesson"


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def white_noise(seconds: float, level: float) -> Samples:
    noise = np.random.default_rng(1).standard_normal(round(seconds * SAMPLE_RATE))
    return np.clip(level * noise, -1, 1).astype(np.float32)


def tone(seconds: float, hertz: float, level: float = 0.4) -> Samples:
    phase = 2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(phase)).astype(np.float32)


def mains_hum(seconds: float) -> Samples:
    return sum(tone(seconds, 50 * n, 0.1 / n) for n in (1, 2, 3, 4)) + white_noise(seconds, 0.002)


def music(seconds: float) -> Samples:
    """Chords of plucked strings, each with its overtones, one every half second."""
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    played = silence(seconds)
    length = SAMPLE_RATE // 2
    decay = np.exp(-np.arange(length) / (0.2 * SAMPLE_RATE))
    for index, start in enumerate(range(0, len(played) - length, length)):
        chord = sum(
            tone(0.5, pitch * overtone, 0.15 / overtone)
            for pitch in chords[index % len(chords)]
            for overtone in (1, 2, 3, 4, 5)
        )
        played[start : start + length] = chord * decay
    return played


def keyboard(seconds: float) -> Samples:
    """Typing: bursts of 4 to 12 ms, 4 to 12 of them a second."""
    random = np.random.default_rng(2)
    typed = white_noise(seconds, 0.001)
    at = 0
    while (at := at + round(random.uniform(0.08, 0.25) * SAMPLE_RATE)) < len(typed) - 400:
        length = round(random.uniform(0.004, 0.012) * SAMPLE_RATE)
        burst = random.standard_normal(length) * np.exp(-np.arange(length) / (length / 4))
        typed[at : at + length] += (0.4 * burst).astype(np.float32)
    return np.clip(typed, -1, 1)


def sample_track(name: str) -> Samples:
    """A track of the sample lesson: `tutor` or `learner`."""
    recording = read_recording(SAMPLE_LESSON / f"{name}.opus")
    return np.concatenate([frame.samples for frame in recording.tracks[0].frames()])


def sample_turns(name: str) -> list[tuple[int, int]]:
    """When that speaker speaks: (start_ms, end_ms) of every turn."""
    script = json.loads((SAMPLE_LESSON / "script.json").read_text())
    return [(t["start_ms"], t["end_ms"]) for t in script["turns"] if t["speaker"] == name]


def frames(samples: Samples, start_ms: float = 0.0, length_ms: int = 20) -> list[AudioFrame]:
    """The samples as frames, as they come from a track."""
    step = length_ms * SAMPLE_RATE // 1000
    return [
        AudioFrame(start_ms + 1000 * at / SAMPLE_RATE, samples[at : at + step])
        for at in range(0, len(samples), step)
    ]
