"""What every caption engine is: windows in, words with times and confidences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

WordTimes: TypeAlias = Literal["cross-attention", "acoustic-alignment"]
"""What an engine's word times come from: where its decoder looked in the audio while it wrote the
word (cross-attention, by dynamic time warping), or the states of its acoustic model."""


class Urgency(IntEnum):
    """Which windows go first: the lower number."""

    FINAL = 0
    """Somebody waits for a caption to end, in a live lesson."""
    PARTIAL = 1
    """Refreshes a live caption that may still change."""
    RECORDING = 2
    """Nobody waits for it: it goes into capacity that live lessons do not need."""


@dataclass(frozen=True, slots=True)
class CaptionWindow:
    """One span of speech to transcribe; windows of one call may come from different lessons.

    Attributes:
        id: the caller's name for the window, given back on its hypothesis.
        samples: float32, shape (n,), -1..1, 16 kHz mono.
        final: true where the text becomes final (the engine spends its full accuracy),
            false where it only refreshes a partial caption (it may be quick).
        language: ISO 639-1 code, or None to let the engine detect it.
        vocabulary: the lesson's own words, in order of importance.
        live: false for a recording, which gives way to every live lesson.
        due_in_ms: what is left of the time within which the words are wanted, in milliseconds,
            when the window is handed over; below zero when it is late already. Processes do not
            share a clock, so whoever takes the window makes the deadline. None: as for its class.
        track: what the window was heard on; a partial is worthless once a newer window of its
            track has come. None: nothing replaces it.
        detect_language: true where the engine shall also tell which language it hears, even if it
            is given one to write in.
    """

    id: str
    samples: NDArray[np.float32]
    final: bool = True
    language: str | None = "en"
    vocabulary: tuple[str, ...] = ()
    live: bool = True
    due_in_ms: int | None = None
    track: str | None = None
    detect_language: bool = False

    @property
    def urgency(self) -> Urgency:
        """The class in which the window waits."""
        if not self.live:
            return Urgency.RECORDING
        return Urgency.FINAL if self.final else Urgency.PARTIAL


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word; times are milliseconds from the start of the window.

    `text` is shown as it is, words joined by single spaces; `confidence` is in 0..1.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class HeardLanguage:
    """Which language a window sounds like: ISO 639-1 code and its probability, 0..1."""

    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What an engine heard in one window. No words means no speech was recognised.

    Attributes:
        window_id: the window's name, as its caller gave it.
        words: in the order of their times.
        language: ISO 639-1 code of the language that the words are written in.
        engine, model: what made it, as in its `Capabilities`, so that every caption can say.
        word_times: what the words' times come from.
        heard: the language that the window sounds like; None where nobody asked, there was no
            speech, or the engine knows one language only.
    """

    window_id: str
    words: tuple[Word, ...]
    language: str
    engine: str
    model: str
    word_times: WordTimes = "acoustic-alignment"
    heard: HeardLanguage | None = None

    @property
    def text(self) -> str:
        """The words joined by spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class MeasuredAccuracy:
    """Word error rate of an engine, with what it was measured on, so that nobody has to guess.

    Attributes:
        word_error_rate: 0..1, corpus level.
        low, high: 95 % bootstrap interval over clips.
        data: name, length and speakers of the data.
    """

    word_error_rate: float
    low: float
    high: float
    data: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine is and can do; `/v1/models` publishes it as it stands.

    Attributes:
        engine: `faster-whisper` or `pocketsphinx`.
        model: name, path or hub id of the weights.
        version: version of the engine's package.
        device: `cpu` or `cuda`.
        compute_type: numeric type of the weights at run time (`int8`, `float16`, ...).
        languages: ISO 639-1 codes it transcribes.
        max_window_ms: longest window that it takes in one call.
        parallel_windows: windows that it works on at the same time.
        concurrent_calls: whether `transcribe` may be called while another call of it runs. True for
            a pool of decoders, false for one model on one device.
        uses_vocabulary: whether `CaptionWindow.vocabulary` changes the result.
        licence: SPDX identifier of the weights' licence, or `unknown`.
        accuracy: measured word error rate, or None where this model was never measured by us.
        windows_per_call: most windows that it decodes together in one call; None: one where it
            takes concurrent calls, else `parallel_windows`.
        word_times: what the times of its words come from.
    """

    engine: str
    model: str
    version: str
    device: str
    compute_type: str
    languages: tuple[str, ...]
    max_window_ms: int
    parallel_windows: int
    concurrent_calls: bool
    uses_vocabulary: bool
    licence: str
    accuracy: MeasuredAccuracy | None = field(default=None)
    windows_per_call: int | None = field(default=None)
    word_times: WordTimes = "acoustic-alignment"

    @property
    def most_windows_in_call(self) -> int:
        """Most windows that are worth one call."""
        return self.windows_per_call or (1 if self.concurrent_calls else self.parallel_windows)

    @property
    def most_calls(self) -> int:
        """Calls that may run at the same time."""
        return self.parallel_windows // self.most_windows_in_call if self.concurrent_calls else 1


class CaptionEngine(Protocol):
    """A loaded model. One call at a time unless `capabilities.concurrent_calls`."""

    @property
    def capabilities(self) -> Capabilities:
        """What this engine is; constant for its life."""
        ...

    def transcribe(self, windows: Sequence[CaptionWindow]) -> list[Hypothesis]:
        """Transcribe windows of any lessons in one call; one hypothesis each, in their order.

        Raises:
            InvalidInput: samples are not finite float32 of one dimension, a window is too long,
                or the language is not one of `capabilities.languages`.
        """
        ...

    def close(self) -> None:
        """Free the model and end its processes."""
        ...
