"""An utterance while it is spoken: its audio so far, and the windows that can be cut of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE, SpeechWindow
from media_ingest.voice_activity import CHUNK_SAMPLES

CHUNK_MS = 1000 * CHUNK_SAMPLES / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Chunk:
    """Audio that the detector judged as one.

    Attributes:
        start_ms: lesson-clock time of the first sample, in milliseconds.
        samples: float32, shape (n,); `CHUNK_SAMPLES` of them, fewer only at an utterance's end.
        probability: that it is speech, 0..1.
    """

    start_ms: float
    samples: NDArray[np.float32]
    probability: float


class OpenUtterance:
    """One utterance from its pre-roll on; time within it is counted in its own samples.

    Args:
        number: of the utterance on its track, from 0.
        start_ms: lesson-clock time of its first sample, in milliseconds.
    """

    def __init__(self, number: int, start_ms: float) -> None:
        self._number = number
        self._start_ms = start_ms
        self._chunks: list[Chunk] = []
        self._spoken_chunks = 0
        self._partial_ms = 0.0
        self._speculated_at = 0

    @property
    def number(self) -> int:
        """The utterance's number on its track."""
        return self._number

    @property
    def start_ms(self) -> float:
        """Lesson-clock time of its first sample, in milliseconds."""
        return self._start_ms

    @property
    def length_ms(self) -> float:
        """Audio so far, in milliseconds."""
        return len(self._chunks) * CHUNK_MS

    @property
    def end_ms(self) -> float:
        """Lesson-clock time just after the last chunk, in milliseconds."""
        return self._start_ms + self.length_ms

    @property
    def pause_ms(self) -> float:
        """Time since speech was last heard, in milliseconds."""
        return (len(self._chunks) - self._spoken_chunks) * CHUNK_MS

    def append(self, chunk: Chunk, voiced: bool) -> None:
        """Add the chunk that follows."""
        self._chunks.append(chunk)
        if voiced:
            self._spoken_chunks = len(self._chunks)

    def append_rest(self, samples: NDArray[np.float32]) -> None:
        """Add what is left below a whole chunk; only at the very end."""
        if len(samples):
            self._chunks.append(Chunk(self.end_ms, samples, 0.0))

    def pause_begins(self, pause_ms: float) -> bool:
        """Whether speech has just now been away for `pause_ms`."""
        return self.pause_ms >= pause_ms and self._speculated_at != self._spoken_chunks

    def partial_is_due(self, interval_ms: float, pause_ms: float) -> bool:
        """Whether somebody speaks and the last window is `interval_ms` ago."""
        return self.pause_ms < pause_ms and self.length_ms - self._partial_ms >= interval_ms

    def partial(self) -> SpeechWindow:
        """Everything so far; the utterance goes on."""
        self._partial_ms = self.length_ms
        return self._window(len(self._chunks))

    def speculation(self, pause_ms: float) -> SpeechWindow:
        """What `final` will give if the pause that has begun lasts."""
        self._partial_ms = self.length_ms
        self._speculated_at = self._spoken_chunks
        return self._window(self._kept(pause_ms), speculative=True)

    def final(self, pause_ms: float) -> SpeechWindow:
        """The whole utterance, with `pause_ms` of the pause after it where there is so much."""
        return self._window(self._kept(pause_ms), ends=True)

    def after(self, pause_ms: float) -> list[Chunk]:
        """The chunks behind the final window: the pre-roll of what comes next."""
        return self._chunks[self._kept(pause_ms) :]

    def split_at_quietest(
        self, earliest_ms: float, latest_ms: float | None = None
    ) -> tuple[SpeechWindow, list[Chunk]]:
        """Cut in the middle of the 100 ms that are least like speech, and quietest among equals.

        Args:
            earliest_ms, latest_ms: where those 100 ms may begin, from the utterance's start; at
                least three chunks are there.

        Returns:
            The final window before the cut, and the chunks behind it (at least one).
        """
        likeness = np.array([_speechlikeness(chunk) for chunk in self._chunks])
        around = np.convolve(likeness, np.ones(3), mode="valid")  # [i] is around chunk i + 1
        earliest = min(int(earliest_ms / CHUNK_MS), len(around) - 1)
        end = len(around) if latest_ms is None else max(earliest, int(latest_ms / CHUNK_MS)) + 1
        cut = earliest + int(np.argmin(around[earliest:end])) + 1
        rest = self._chunks[cut:]
        self._spoken_chunks = min(self._spoken_chunks, cut)
        return self._window(cut, ends=True), rest

    def _kept(self, pause_ms: float) -> int:
        """Number of chunks up to `pause_ms` after the last speech."""
        return min(len(self._chunks), self._spoken_chunks + int(pause_ms / CHUNK_MS))

    def _window(
        self, chunk_count: int, *, ends: bool = False, speculative: bool = False
    ) -> SpeechWindow:
        return SpeechWindow(
            utterance=self._number,
            start_ms=self._start_ms,
            samples=np.concatenate([chunk.samples for chunk in self._chunks[:chunk_count]]),
            ends_utterance=ends,
            speech_end_ms=self._start_ms + self._spoken_chunks * CHUNK_MS,
            speculative=speculative,
        )


def _speechlikeness(chunk: Chunk) -> float:
    """A score to compare chunks by: probability first, loudness between equals."""
    loudness = float(np.sqrt(np.mean(np.square(chunk.samples))))
    return round(chunk.probability, 1) + min(loudness, 1.0) / 20
