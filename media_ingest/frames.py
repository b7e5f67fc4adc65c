"""Plain frames: what leaves media ingest. No aiortc or av type crosses this line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second of every audio frame that leaves media ingest."""


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """Mono speech-rate audio on the lesson clock.

    Attributes:
        start_ms: lesson-clock time of the first sample, in milliseconds.
        samples: float32, shape (n,), -1..1, at `SAMPLE_RATE`.
    """

    start_ms: float
    samples: NDArray[np.float32]

    @property
    def duration_ms(self) -> float:
        """Length in milliseconds."""
        return 1000 * len(self.samples) / SAMPLE_RATE

    @property
    def end_ms(self) -> float:
        """Lesson-clock time just after the last sample, in milliseconds."""
        return self.start_ms + self.duration_ms


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One picture on the lesson clock.

    Attributes:
        at_ms: lesson-clock time, in milliseconds.
        pixels: uint8, shape (height, width, 3), RGB.
    """

    at_ms: float
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SpeechWindow:
    """A span of one utterance, cut for the captioner.

    Attributes:
        utterance: number of the utterance on its track, from 0; windows of one utterance share it.
        start_ms: lesson-clock time of the first sample, in milliseconds.
        samples: float32, shape (n,), at `SAMPLE_RATE`.
        ends_utterance: true on the last window of an utterance; its text becomes final.
        speech_end_ms: lesson-clock time at which speech was last heard, in milliseconds.
        speculative: true on a window cut when a pause began; if the pause lasts, the final window
            has exactly the same samples, so its transcription can be used again.
        goes_on: true on a final window that was cut while somebody spoke: the next utterance of the
            track follows on it without a pause.
    """

    utterance: int
    start_ms: float
    samples: NDArray[np.float32]
    ends_utterance: bool
    speech_end_ms: float
    speculative: bool = False
    goes_on: bool = False

    @property
    def end_ms(self) -> float:
        """Lesson-clock time just after the last sample, in milliseconds."""
        return self.start_ms + 1000 * len(self.samples) / SAMPLE_RATE
