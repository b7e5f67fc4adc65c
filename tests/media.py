"""Media that tests make on the spot, and the worker that takes all of it."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE
from media_ingest.recording import read_recording

SAMPLE_LESSON = Path(__file__).parents[1] / "serving" / "sample_lesson"
ADMIT_ALL = 1_000.0
"""Admission limit of a worker that no load makes refuse a peer: it measures the tests' own work."""


def write_wave(path: Path, samples: NDArray[np.floating]) -> Path:
    """Write mono samples in -1..1 as a 16 kHz WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def sample_speech(speaker: str, seconds: float) -> NDArray[np.float32]:
    """The beginning of one track of the sample lesson, 16 kHz mono."""
    (track,) = read_recording(SAMPLE_LESSON / f"{speaker}.opus").tracks
    pieces, length = [], 0
    for frame in track.frames():
        pieces.append(frame.samples)
        length += len(frame.samples)
        if length >= seconds * SAMPLE_RATE:
            break
    return np.concatenate(pieces)[: int(seconds * SAMPLE_RATE)]


def write_speech(path: Path, seconds: float, speaker: str = "tutor") -> Path:
    """Write the beginning of one track of the sample lesson as WAV."""
    return write_wave(path, sample_speech(speaker, seconds))
