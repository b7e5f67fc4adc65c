"""When a reading of a window is kept, and when the window is read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment
from numpy.typing import NDArray

from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import CaptionWindow, Word
from models.captions.speech_evidence import SpeechDetector
from models.captions.whisper_decoding import DecodingGroup, Doubt, WhisperDecoder, doubt_of

FINAL, PARTIAL = (DecodingGroup("en", (), final) for final in (True, False))
WHOLE_FRAMES = 3000


class Listening:
    """A Whisper model that notes how many frames its encoder was given."""

    def __init__(self, folder: Path) -> None:
        self.model = WhisperModel(str(folder), device="cpu", compute_type="int8")
        self.frames: list[int] = []
        encode = self.model.encode

        def noting(features: NDArray[np.float32]) -> object:
            self.frames.append(features.shape[-1])
            return encode(features)

        self.model.encode = noting

    def words(
        self, group: DecodingGroup, windows: list[CaptionWindow], *, short: bool
    ) -> list[tuple[Word, ...]]:
        self.frames.clear()
        decoder = WhisperDecoder(self.model, beam_size=1, batch_size=4, short=short)
        detector = SpeechDetector()
        evidence = [detector.evidence(window.samples) for window in windows]
        return decoder.decode(group, windows, evidence)


@pytest.fixture(scope="module")
def listening(whisper_folder: Path) -> Iterator[Listening]:
    model = Listening(whisper_folder)
    yield model
    model.model.model.unload_model()


def test_the_encoder_reads_little_more_than_there_is(
    listening: Listening, speech: NDArray[np.float32]
) -> None:
    window = CaptionWindow("a", speech[: 2 * SAMPLE_RATE], final=False)
    short = listening.words(PARTIAL, [window], short=True)
    assert listening.frames == [1000]
    whole = listening.words(PARTIAL, [window], short=False)
    assert listening.frames == [WHOLE_FRAMES]
    assert [word.text for word in short[0]] == [word.text for word in whole[0]]


def test_a_final_that_does_not_reach_the_end_of_the_speech_is_read_on_a_full_window(
    listening: Listening, speech: NDArray[np.float32]
) -> None:
    ends = CaptionWindow("a", speech[: 2 * SAMPLE_RATE])
    # The model says one sentence, whatever it hears: of longer speech that is not all.
    goes_on = CaptionWindow("b", np.tile(speech, 3)[: 9 * SAMPLE_RATE])
    listening.words(FINAL, [ends, goes_on], short=True)
    assert listening.frames == [1700, WHOLE_FRAMES]
    listening.words(PARTIAL, [goes_on], short=True)
    assert listening.frames == [1700]


def test_thirty_seconds_are_not_read_twice(
    listening: Listening, speech: NDArray[np.float32]
) -> None:
    long = np.tile(speech, 12)
    listening.words(FINAL, [CaptionWindow("a", long[: 26 * SAMPLE_RATE])], short=True)
    assert listening.frames == [WHOLE_FRAMES]
    listening.words(FINAL, [CaptionWindow("b", long[: 20 * SAMPLE_RATE])], short=True)
    assert listening.frames == [2800, WHOLE_FRAMES]


@pytest.mark.parametrize(
    ("compression", "log_probability", "no_speech", "doubt"),
    [
        (1.0, -0.3, 0.1, None),
        (2.5, -0.1, 0.1, Doubt.REPEATS),
        (1.0, -1.1, 0.1, Doubt.IMPROBABLE),
        (1.0, -0.7, 0.9, Doubt.IMPROBABLE),
        (1.0, -0.3, 0.9, None),
        (1.0, -0.7, 0.1, None),
    ],
)
def test_whispers_own_doubts_hold_for_texts_of_a_batch(
    compression: float, log_probability: float, no_speech: float, doubt: Doubt | None
) -> None:
    segment = Segment(
        id=0, seek=0, start=0.0, end=1.0, text="a", tokens=[], words=[], temperature=0.0,
        avg_logprob=log_probability, compression_ratio=compression, no_speech_prob=no_speech,
    )  # fmt: skip
    assert doubt_of(segment) == doubt
