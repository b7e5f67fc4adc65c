"""Is somebody speaking? A cheap gate first (WebRTC's), then Silero's network behind it.

WebRTC's detector costs microseconds but takes noise and tones for speech; Silero v6 rejects them
and costs a hundred times as much. So Silero sleeps for as long as the first gate hears nothing.
"""

from __future__ import annotations

import importlib.util
from collections import deque
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
import webrtcvad
from numpy.typing import NDArray

from lessons.errors import Unavailable
from media_ingest.frames import SAMPLE_RATE

CHUNK_SAMPLES = 512
"""Samples that Silero judges at a time: 32 ms."""

CONTEXT_SAMPLES = 64
"""Samples before a chunk that Silero also sees: 4 ms."""

GATE_SAMPLES = 480
"""Samples of each chunk that WebRTC's detector judges: 30 ms, the longest frame it takes."""

GATE_MODE = 0
"""WebRTC's aggressiveness, 0..3. The least, because speech lost at the first gate is lost for good:
of speech 26 dB too quiet, mode 0 loses 2 % and mode 3 29 %, and mode 0 costs no more."""

GATE_HANGOVER_CHUNKS = 20
"""Silero stays awake this long (640 ms) after the first gate last heard something."""

WARM_UP_CHUNKS = 8
"""Chunks (256 ms) that Silero hears again when it wakes, so that it knows the room it wakes in."""

SILERO_STATE_SHAPE = (1, 1, 128)


class SpeechDetector(Protocol):
    """Judges one track's audio, chunk after chunk."""

    def probabilities(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of speech of each chunk; shape (n, `CHUNK_SAMPLES`) -> (n,)."""
        ...

    def reset(self) -> None:
        """Forget what was heard: the next chunk does not follow on the last."""
        ...


class SileroModel:
    """Silero VAD v6 (MIT), from the file inside faster-whisper's wheel. Stateless.

    Raises:
        Unavailable: faster-whisper is not installed, or without its assets.
    """

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        # One chunk is far too little work to split over threads.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            str(_silero_path()), sess_options=options, providers=["CPUExecutionProvider"]
        )

    def run(
        self, inputs: NDArray[np.float32], hidden: NDArray[np.float32], cell: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Judge chunks that follow each other; safe from several threads.

        Args:
            inputs: shape (n, `CONTEXT_SAMPLES` + `CHUNK_SAMPLES`).
            hidden: LSTM state, `SILERO_STATE_SHAPE`; zeros at the start of a stream.
            cell: likewise.

        Returns:
            Probabilities, shape (n,), and the two states after the last chunk.
        """
        probabilities, hidden, cell = self._session.run(
            ["speech_probs", "hn", "cn"], {"input": inputs, "h": hidden, "c": cell}
        )
        return probabilities.reshape(-1), hidden, cell


@cache
def silero_model() -> SileroModel:
    """The one network of this process; every track's gate keeps its own state beside it."""
    return SileroModel()


def _silero_path() -> Path:
    """Where the wheel keeps the network. Importing it would load CTranslate2 as well."""
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("The voice activity model is missing.", fix="Install faster-whisper.")
    path = Path(spec.submodule_search_locations[0]) / "assets" / "silero_vad_v6.onnx"
    if not path.is_file():
        raise Unavailable(f"The voice activity model is missing: {path}.")
    return path


class SpeechGate:
    """The two gates of one track. Keeps state, so each track needs its own."""

    def __init__(self) -> None:
        self._model = silero_model()
        self._missed: deque[NDArray[np.float32]] = deque(maxlen=WARM_UP_CHUNKS)
        self._context = np.zeros(CONTEXT_SAMPLES, np.float32)
        self._hidden = np.zeros(SILERO_STATE_SHAPE, np.float32)
        self._cell = np.zeros(SILERO_STATE_SHAPE, np.float32)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: the next chunk does not follow on the last."""
        self._first_gate = webrtcvad.Vad(GATE_MODE)
        self._quiet_chunks = GATE_HANGOVER_CHUNKS
        self._missed.clear()
        self._clear_silero()

    def probabilities(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability of speech of each chunk; shape (n, `CHUNK_SAMPLES`) -> (n,)."""
        result = np.zeros(len(chunks), np.float32)
        awake = self._awake(chunks)
        first = int(np.argmax(awake)) if awake.any() else len(chunks)
        self._missed.extend(chunks[:first])
        if first < len(chunks):
            result[first:] = self._ask_silero(chunks[first:])
        if len(chunks) and not awake[-1]:
            self._clear_silero()
        return result

    def _awake(self, chunks: NDArray[np.float32]) -> NDArray[np.bool_]:
        """For each chunk, whether the first gate heard something then or shortly before."""
        frames = (chunks[:, :GATE_SAMPLES] * 32767).astype("<i2")
        awake = np.zeros(len(chunks), np.bool_)
        for index, frame in enumerate(frames):
            heard = self._first_gate.is_speech(frame.tobytes(), SAMPLE_RATE)
            self._quiet_chunks = 0 if heard else self._quiet_chunks + 1
            awake[index] = self._quiet_chunks < GATE_HANGOVER_CHUNKS
        return awake

    def _ask_silero(self, chunks: NDArray[np.float32]) -> NDArray[np.float32]:
        heard = np.concatenate([*(missed[None] for missed in self._missed), chunks])
        self._missed.clear()
        before = np.concatenate([self._context[None], heard[:-1, -CONTEXT_SAMPLES:]])
        inputs = np.concatenate([before, heard], axis=1)
        probabilities, self._hidden, self._cell = self._model.run(inputs, self._hidden, self._cell)
        self._context = heard[-1, -CONTEXT_SAMPLES:].copy()
        return probabilities[-len(chunks) :]

    def _clear_silero(self) -> None:
        self._context = np.zeros(CONTEXT_SAMPLES, np.float32)
        self._hidden = np.zeros(SILERO_STATE_SHAPE, np.float32)
        self._cell = np.zeros(SILERO_STATE_SHAPE, np.float32)
