"""The offline engine: pocketsphinx with the English model that its wheel carries."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from models.captions.accuracy import measured_accuracy
from models.captions.interface import Capabilities, CaptionWindow, Hypothesis, Word
from models.captions.pocketsphinx_decoding import DecodingJob
from models.captions.pocketsphinx_processes import DecoderProcesses
from models.captions.repetitions import cut_loops
from models.captions.speech_evidence import SpeechDetector
from models.captions.window_checks import check_windows

ENGINE = "pocketsphinx"
MODEL = "en-us"
LICENCE = "BSD-2-Clause"
MAX_WINDOW_MS = 30_000


class PocketsphinxEngine:
    """Captions on a machine with no model hub and no GPU.

    Args:
        processes: decoder processes, each with about 200 MB; None: one for each core.
    """

    def __init__(self, processes: int | None = None) -> None:
        count = processes or len(os.sched_getaffinity(0))
        self._detector = SpeechDetector()
        self._processes = DecoderProcesses(count)
        self._capabilities = Capabilities(
            engine=ENGINE,
            model=MODEL,
            version=version(ENGINE),
            device="cpu",
            compute_type="int16",
            languages=("en",),
            max_window_ms=MAX_WINDOW_MS,
            parallel_windows=count,
            concurrent_calls=True,
            uses_vocabulary=True,
            licence=LICENCE,
            accuracy=measured_accuracy(ENGINE, MODEL),
        )

    @property
    def capabilities(self) -> Capabilities:
        """What this engine is; constant for its life."""
        return self._capabilities

    def transcribe(self, windows: Sequence[CaptionWindow]) -> list[Hypothesis]:
        """Transcribe windows of any lessons side by side; one hypothesis each, in their order.

        Raises:
            InvalidInput: a window that the engine cannot take.
            Unavailable: a decoder process died over a window, and so did the next one.
        """
        check_windows(windows, self._capabilities)
        evidence = [self._detector.evidence(window.samples) for window in windows]
        spoken = [index for index, found in enumerate(evidence) if found.any]
        decoded = self._processes.decode([_job(windows[index]) for index in spoken])
        words: list[tuple[Word, ...]] = [()] * len(windows)
        for index, heard in zip(spoken, decoded, strict=True):
            words[index] = cut_loops(evidence[index].supported(heard))
        return [
            Hypothesis(window.id, words[index], "en", ENGINE, MODEL)
            for index, window in enumerate(windows)
        ]

    def close(self) -> None:
        """End the decoder processes."""
        self._processes.close()


def _job(window: CaptionWindow) -> DecodingJob:
    return DecodingJob(_pcm(window.samples), quick=not window.final, vocabulary=window.vocabulary)


def _pcm(samples: NDArray[np.float32]) -> bytes:
    """Return 16-bit little-endian samples; what is past full scale is clipped, not wrapped."""
    return (np.clip(samples, -1.0, 1.0) * 32_767).astype("<i2").tobytes()
