"""An engine whose pace a test controls, for the queues in front of any engine."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from lessons.errors import InvalidInput
from models.captions.interface import Capabilities, CaptionWindow, Hypothesis, Word


class MeasuringEngine:
    """Tells how long each window is; the sound itself it does not know.

    `calls` has the window ids of every call. While `open_gate` is cleared, calls wait.
    """

    def __init__(
        self,
        parallel_windows: int = 4,
        refuses: str | None = None,
        concurrent_calls: bool = False,
        model: str = "ruler",
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        self.calls: list[list[str]] = []
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.entered = threading.Event()
        self.closed = False
        self._refuses = refuses
        self._capabilities = Capabilities(
            engine="measuring",
            model=model,
            version="1",
            device="cpu",
            compute_type="float32",
            languages=languages,
            max_window_ms=30_000,
            parallel_windows=parallel_windows,
            concurrent_calls=concurrent_calls,
            uses_vocabulary=False,
            licence="Apache-2.0",
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def transcribe(self, windows: Sequence[CaptionWindow]) -> list[Hypothesis]:
        self.calls.append([window.id for window in windows])
        self.entered.set()
        self.open_gate.wait()
        if self._refuses in self.calls[-1]:
            raise InvalidInput("This window is refused.")
        return [self._measure(window) for window in windows]

    def close(self) -> None:
        self.closed = True

    def _measure(self, window: CaptionWindow) -> Hypothesis:
        duration_ms = len(window.samples) // 16
        word = Word(f"{duration_ms}ms", 0, duration_ms, 1.0)
        return Hypothesis(window.id, (word,), "en", "measuring", self._capabilities.model)


def caption_window(
    window_id: str,
    *,
    seconds: float = 1.0,
    final: bool = True,
    language: str | None = "en",
    live: bool = True,
    due_in_ms: int | None = None,
    track: str | None = None,
) -> CaptionWindow:
    samples = np.zeros(int(16_000 * seconds), dtype=np.float32)
    return CaptionWindow(window_id, samples, final, language, (), live, due_in_ms, track)
