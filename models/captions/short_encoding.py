"""The encoder of Whisper on as much sound as there is, instead of always on thirty seconds.

Whisper was trained on windows filled up to 30 s, and a window of five seconds costs its encoder as
much as one of thirty. It does read shorter ones (whisper.cpp calls it `audio_ctx`), many times
faster, but is then more often wrong in ways that show: it says a phrase twice, says nothing, or
stops before the speech does. So a short reading is kept where it is whole by what was heard;
otherwise the window is read again as the model was trained. What is behind a window must be silence
as a spectrogram has it: faster-whisper fills up with zeros, which look like a steady sound, and a
short reading is whole less often before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import TranscriptionOptions
from numpy.typing import NDArray

from models.captions.interface import Word
from models.captions.repetitions import repeats_itself
from models.captions.speech_evidence import SpeechEvidence

FULL_FRAMES = 3000
"""Frames of 10 ms of the windows that Whisper was trained on."""
MARGIN_FRAMES = 800
"""Frames of silence that stay behind the longest window of a batch: what follows it must look like
an end. Chosen among 1, 2, 3, 5 and 8 s on 75 windows of the clean development speech, half of them
as they came over WebRTC: only with eight was every reading whole."""
DYNAMIC_RANGE = 2.0
"""How far below the loudest value of a spectrogram silence lies, in Whisper's units (its log-mel
spectrograms are clipped at eight decades below their peak, and divided by four)."""
EDGE_MS = 1000
"""Speech before the first word or after the last for which there should have been words."""


class ShortEncodingPipeline(BatchedInferencePipeline):  # type: ignore[misc]  # it has no types
    """faster-whisper's batches, without most of what each window is filled up with."""

    def generate_segment_batched(
        self, features: NDArray[np.float32], tokenizer: Tokenizer, options: TranscriptionOptions
    ) -> Any:
        """Encode and decode a batch.

        Args:
            features: log-mel spectrograms, float32, shape (windows, mels, 3000), zeros after each.
        """
        return super().generate_segment_batched(before_silence(features), tokenizer, options)


def before_silence(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the features up to the end of the longest window, and silence behind each window."""
    used: NDArray[np.bool_] = np.asarray(features.any(axis=1))
    lengths = np.where(used.any(axis=1), features.shape[-1] - used[:, ::-1].argmax(axis=1), 0)
    kept = min(int(lengths.max()) + MARGIN_FRAMES, features.shape[-1])
    # The encoder halves them (its second convolution has a stride of two).
    filled = features[..., : kept + kept % 2].copy()
    for window, length in zip(filled, lengths, strict=True):
        window[:, length:] = window[:, :length].max(initial=0.0) - DYNAMIC_RANGE
    return filled


def is_whole(words: Sequence[Word], evidence: SpeechEvidence) -> bool:
    """Tell whether words begin and end with the speech, and nothing comes twice in a row."""
    heard = evidence.span_ms
    if not words or heard is None:
        return False
    begins_late = words[0].start_ms - heard[0] > EDGE_MS
    ends_early = heard[1] - words[-1].end_ms > EDGE_MS
    return not (begins_late or ends_early or repeats_itself(words))
