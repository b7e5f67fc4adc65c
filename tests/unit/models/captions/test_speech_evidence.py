"""Speech is told from everything else, and a word from the noise beside it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.captions.interface import Word
from models.captions.speech_evidence import SpeechDetector
from tests.unit.models.captions.sounds import NOT_SPEECH, music, white_noise


@pytest.fixture(scope="module")
def detector() -> SpeechDetector:
    return SpeechDetector()


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_no_speech_is_found_where_there_is_none(detector: SpeechDetector, name: str) -> None:
    assert not detector.evidence(NOT_SPEECH[name]).any


def test_every_turn_of_the_sample_lesson_is_speech(
    detector: SpeechDetector, tutor_turns: list[tuple[str, NDArray[np.float32]]]
) -> None:
    assert len(tutor_turns) > 5
    for _, samples in tutor_turns:
        assert detector.evidence(samples).any
        assert detector.evidence(samples * np.float32(0.1)).any


def by_telephone(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / 16_000)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def test_speech_over_a_telephone_line_is_speech(
    detector: SpeechDetector, tutor_turns: list[tuple[str, NDArray[np.float32]]]
) -> None:
    for _, samples in tutor_turns:
        assert detector.evidence(by_telephone(samples)).any


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_nothing_else_becomes_speech_by_telephone(detector: SpeechDetector, name: str) -> None:
    assert not detector.evidence(by_telephone(NOT_SPEECH[name])).any


def test_words_in_the_music_after_speech_are_not_believed(
    detector: SpeechDetector, speech: NDArray[np.float32]
) -> None:
    evidence = detector.evidence(np.concatenate([speech, music()]))
    speech_ms = len(speech) // 16
    inside = Word("yes", 1000, 1300, 0.5)
    outside = Word("boo", speech_ms + 1500, speech_ms + 1700, 1.0)
    assert evidence.supported([inside, outside]) == (inside,)


def test_a_window_of_no_samples_has_no_speech(detector: SpeechDetector) -> None:
    assert not detector.evidence(white_noise(0.1, seconds=0)).any
