"""The sample lesson as said by people who hardly pause: the hardest speech for live captions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE
from media_ingest.recording import read_recording
from serving.samples import sample_script

FRAME_SAMPLES = SAMPLE_RATE // 100
QUIET = 0.01
"""Root mean square of 10 ms below which nobody speaks in the sample lesson."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One track of one speaker and what is said on it; float32 samples, shape (n,), at 16 kHz."""

    samples: NDArray[np.float32]
    reference: str


def breathless_lesson(pause_ms: int) -> list[Speech]:
    """Return the sample lesson's speakers, no pause of either longer than `pause_ms`."""
    script = sample_script()
    return [
        Speech(
            shorten_pauses(read_samples(speaker.path), pause_ms),
            " ".join(turn.text for turn in script.turns if turn.speaker == speaker.speaker),
        )
        for speaker in script.speakers
    ]


def shorten_pauses(samples: NDArray[np.float32], pause_ms: int) -> NDArray[np.float32]:
    """Take out of every pause what is longer than `pause_ms`."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    quiet = np.sqrt(np.mean(np.square(frames), axis=1)) < QUIET
    run, kept = 0, np.ones(len(frames), np.bool_)
    for index, is_quiet in enumerate(quiet):
        run = run + 1 if is_quiet else 0
        kept[index] = run * 10 <= pause_ms
    return np.ascontiguousarray(frames[kept].reshape(-1))


def read_samples(path: Path) -> NDArray[np.float32]:
    """Read the only track of an audio file."""
    [track] = read_recording(path).tracks
    return np.concatenate([frame.samples for frame in track.frames()])
