"""Is there speech in a window at all? A recogniser left to itself finds words in any noise."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from lessons.errors import Unavailable
from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import Word

CHUNK_SAMPLES = 512
CONTEXT_SAMPLES = 64
CHUNK_MS = 1000 * CHUNK_SAMPLES // SAMPLE_RATE
SPEECH_PROBABILITY = 0.5
"""Probability from which a chunk counts as speech."""
LEAST_SPEECH_MS = 100
"""Speech that a window must hold for any of its words to be believed, in milliseconds."""
SURE_PROBABILITY = 0.9
"""Probability from which a chunk is speech without doubt."""
LEAST_SURE_MS = 128
"""Speech without doubt that a window must hold as well. A note of a melody can pass for speech for
half a second, but not so surely: of 30 melodies the fifth best chunk has at most 0.88, of the first
words of the sample lesson's turns, at their level and 20 dB below, at least 0.93."""
NARROW_HERTZ = 4000
"""Where a telephone line, or a headset by Bluetooth's CVSD, carries nothing any more..."""
NARROW_SHARE = 1e-4
"""... which is when so small a share of the power lies above it; of microphones at least 0.002."""
VOICE_HERTZ = (60.0, 300.0)
"""Where a voice's fundamental lies, which such a line takes away."""
MARGIN_MS = 200
"""How far from a speech chunk a word may lie and still be believed, in milliseconds."""


@dataclass(frozen=True, slots=True)
class SpeechEvidence:
    """How likely each 32 ms chunk of one window is speech.

    Attributes:
        probabilities: float32, shape (chunks,), 0..1.
    """

    probabilities: NDArray[np.float32]

    @property
    def any(self) -> bool:
        """Whether there is enough speech in the window to transcribe it."""
        likely = self._ms_above(SPEECH_PROBABILITY) >= LEAST_SPEECH_MS
        return likely and self._ms_above(SURE_PROBABILITY) >= LEAST_SURE_MS

    @property
    def span_ms(self) -> tuple[int, int] | None:
        """From the first chunk that is likely speech to the end of the last; None without any."""
        likely = np.flatnonzero(self.probabilities >= SPEECH_PROBABILITY)
        if not len(likely):
            return None
        return int(likely[0]) * CHUNK_MS, (int(likely[-1]) + 1) * CHUNK_MS

    def supported(self, words: Sequence[Word], margin_ms: int = MARGIN_MS) -> tuple[Word, ...]:
        """Return the words that lie where speech was heard, or no farther than so much from it."""
        return tuple(word for word in words if self._near_speech(word, margin_ms))

    def _near_speech(self, word: Word, margin_ms: int) -> bool:
        first = max(word.start_ms - margin_ms, 0) // CHUNK_MS
        last = (word.end_ms + margin_ms) // CHUNK_MS
        near = self.probabilities[first : last + 1]
        return bool((near >= SPEECH_PROBABILITY).any())

    def _ms_above(self, probability: float) -> int:
        return int((self.probabilities >= probability).sum()) * CHUNK_MS


class SpeechDetector:
    """Silero's voice activity model, from the file that faster-whisper's wheel carries.

    Raises:
        Unavailable: the file is not there.
    """

    def __init__(self) -> None:
        self._session = _load_session()

    def evidence(self, samples: NDArray[np.float32]) -> SpeechEvidence:
        """Judge a window of float32 samples, shape (n,), at 16 kHz."""
        if not len(samples):
            return SpeechEvidence(np.zeros(0, dtype=np.float32))
        samples = with_fundamental(samples)
        padding = -len(samples) % CHUNK_SAMPLES
        chunks = np.pad(samples, (0, padding)).reshape(-1, CHUNK_SAMPLES)
        before = np.zeros((len(chunks), CONTEXT_SAMPLES), dtype=np.float32)
        before[1:] = chunks[:-1, -CONTEXT_SAMPLES:]
        state = np.zeros((1, 1, 128), dtype=np.float32)
        output, _, _ = self._session.run(
            None, {"input": np.concatenate([before, chunks], axis=1), "h": state, "c": state}
        )
        return SpeechEvidence(np.asarray(output, np.float32).reshape(-1))


def with_fundamental(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give a voice back the low tone that a narrow line took, so that it is known for a voice.

    Silero hardly ever is sure of speech without it. Rectifying brings the fundamental out of its
    harmonics (Makhoul and Berouti 1979, "High-frequency regeneration in speech coding systems",
    for the other end of the spectrum); noise and tones stay what they are. Samples of a full band
    are returned as they came.
    """
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    power = np.square(np.abs(np.fft.rfft(samples)))
    if power[hertz > NARROW_HERTZ].sum() > NARROW_SHARE * power.sum():
        return samples
    spectrum = np.fft.rfft(np.abs(samples))
    spectrum[(hertz < VOICE_HERTZ[0]) | (hertz > VOICE_HERTZ[1])] = 0
    low = np.fft.irfft(spectrum, len(samples))
    loudness = np.sqrt(np.mean(np.square(samples)) / max(float(np.mean(np.square(low))), 1e-12))
    return np.asarray(samples + low * loudness, np.float32)


def _load_session() -> onnxruntime.InferenceSession:
    package = importlib.util.find_spec("faster_whisper")
    roots = [Path(root) for root in (package.submodule_search_locations or ())] if package else []
    files = [file for root in roots for file in sorted((root / "assets").glob("silero_vad*.onnx"))]
    if not files:
        raise Unavailable(
            "The voice activity model is not in the faster-whisper package.",
            fix="Install faster-whisper 1.2.1 or later.",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        str(files[-1]), providers=["CPUExecutionProvider"], sess_options=options
    )
