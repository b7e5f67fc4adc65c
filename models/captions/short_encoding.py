"""The encoder of Whisper on as much sound as there is, instead of always on thirty seconds.

Whisper was trained on windows filled up to 30 s, and a window of five seconds costs its encoder as
much as one of thirty. It does read shorter ones (whisper.cpp calls it `audio_ctx`), many times
faster, but is then more often wrong in ways that show: it says a phrase twice, says nothing, or
stops before the speech does. So a short reading is kept where it is whole by what was heard, and
otherwise the window is read again as the model was trained.
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

MARGIN_FRAMES = 500
"""Frames of 10 ms that stay behind the longest window of a batch: what follows it must look like an
end. Chosen among 1, 2, 3 and 5 s on the development speech, of which five had the fewest errors and
cost no more than the others."""
EDGE_MS = 1000
"""Speech before the first word or after the last for which there should have been words."""


class ShortEncodingPipeline(BatchedInferencePipeline):  # type: ignore[misc]  # it has no types
    """faster-whisper's batches, without most of the silence that each window is filled up with."""

    def generate_segment_batched(
        self, features: NDArray[np.float32], tokenizer: Tokenizer, options: TranscriptionOptions
    ) -> Any:
        """Encode and decode a batch.

        Args:
            features: log-mel spectrograms, float32, shape (windows, mels, 3000), zeros after each.
        """
        return super().generate_segment_batched(without_padding(features), tokenizer, options)


def without_padding(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the features up to the end of the longest window and `MARGIN_FRAMES` more."""
    used = np.flatnonzero(features.any(axis=(0, 1)))
    length = (int(used[-1]) + 1 if len(used) else 0) + MARGIN_FRAMES
    # The encoder halves them (its second convolution has a stride of two).
    return np.ascontiguousarray(features[..., : length + length % 2])


def is_whole(words: Sequence[Word], evidence: SpeechEvidence) -> bool:
    """Tell whether words begin and end with the speech, and nothing comes twice in a row."""
    heard = evidence.span_ms
    if not words or heard is None:
        return False
    begins_late = words[0].start_ms - heard[0] > EDGE_MS
    ends_early = heard[1] - words[-1].end_ms > EDGE_MS
    return not (begins_late or ends_early or repeats_itself(words))
