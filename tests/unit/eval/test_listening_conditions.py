"""Speech in a worse place: as loud as told, as long as before, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from eval.listening_conditions import far_field, telephone, with_babble
from media_ingest.frames import SAMPLE_RATE
from tests.media import sample_speech

SPEECH = sample_speech("tutor", 4.0)
VOICES = [sample_speech("learner", seconds) for seconds in (2.0, 3.0, 4.0, 5.0)]


def power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


@pytest.mark.parametrize("decibels", [10.0, 0.0, -5.0])
def test_babble_is_as_many_decibels_below_the_speaker_as_told(decibels: float) -> None:
    heard = with_babble(SPEECH, VOICES, np.random.default_rng(1), decibels)
    gain = np.dot(heard, SPEECH) / np.dot(SPEECH, SPEECH)
    babble = heard - gain * SPEECH
    assert 10 * np.log10(power(gain * SPEECH) / power(babble)) == pytest.approx(decibels, abs=0.5)


def test_a_room_goes_on_when_the_speaker_has_stopped() -> None:
    click = np.zeros(SAMPLE_RATE, np.float32)
    click[100] = 0.5
    heard = far_field(click, np.random.default_rng(1))
    early, late = heard[200:2000], heard[200 + 4800 : 2000 + 4800]
    # Of 60 dB in 0.6 s, 0.3 s are 30 dB.
    assert 10 * np.log10(power(early) / power(late)) == pytest.approx(30, abs=3)
    assert np.abs(heard[:100]).max() < 1e-6


def test_a_telephone_takes_away_what_is_low_and_what_is_high() -> None:
    seconds = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tones = {hertz: np.float32(0.3) * np.sin(2 * np.pi * hertz * seconds) for hertz in (100, 1000)}
    tones[5000] = np.float32(0.3) * np.sin(2 * np.pi * 5000 * seconds)
    kept = {hertz: power(telephone(tone.astype(np.float32))) for hertz, tone in tones.items()}
    assert kept[1000] == pytest.approx(power(tones[1000]), rel=0.05)
    assert max(kept[100], kept[5000]) < 0.01 * kept[1000]


@pytest.mark.parametrize("condition", ["babble", "room", "line"])
def test_the_same_seed_gives_the_same_samples_of_the_same_length(condition: str) -> None:
    def heard() -> np.ndarray:
        generator = np.random.default_rng(7)
        if condition == "babble":
            return with_babble(SPEECH, VOICES, generator)
        return far_field(SPEECH, generator) if condition == "room" else telephone(SPEECH)

    first, second = heard(), heard()
    assert np.array_equal(first, second)
    assert first.shape == SPEECH.shape
    assert first.dtype == np.float32
    assert np.abs(first).max() <= 1.0
