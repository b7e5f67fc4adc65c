"""Nobody speaks and no word comes; somebody says one short, quiet word and it does."""

from __future__ import annotations

import numpy as np
import pytest

from eval.caption_replay import live_frames
from eval.invented_words import QUIETER, caption, real_speech
from eval.sounds_without_speech import SEED, Samples, melody, sounds
from media_ingest.frames import SAMPLE_RATE
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import SpeechGate
from models.captions.pocketsphinx_engine import PocketsphinxEngine
from models.captions.speech_evidence import SpeechDetector

SECONDS = 4.0


def reaches_a_model(samples: Samples) -> bool:
    """Whether any window of it gets past the gates of the track and those of every engine."""
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    windows = [window for frame in live_frames(samples) for window in cutter.feed(frame)]
    detector = SpeechDetector()
    return any(detector.evidence(window.samples).any for window in windows + cutter.finish())


def test_the_offline_engine_invents_nothing_where_nobody_speaks(
    offline_engine: PocketsphinxEngine,
) -> None:
    heard = [caption(offline_engine, name, samples) for name, samples in sounds(SECONDS)]
    assert len(heard) > 30
    assert [piece for piece in heard if piece.texts] == []


@pytest.mark.parametrize("seed", [1, 8, 28])
def test_a_melody_that_passes_for_speech_for_a_moment_reaches_no_model(seed: int) -> None:
    tune = melody(4.0, np.random.default_rng(SEED + seed))
    assert not reaches_a_model((tune * (0.05 / np.abs(tune).max())).astype(np.float32))


def test_every_turn_of_the_sample_lesson_and_its_first_words_reach_the_model() -> None:
    quiet = [(name, samples) for name, samples in real_speech() if name.endswith("(quiet)")]
    assert len(quiet) == 54
    assert [name for name, samples in quiet if not reaches_a_model(samples)] == []


def test_a_short_and_quiet_word_is_captioned(offline_engine: PocketsphinxEngine) -> None:
    turn = next(samples for name, samples in real_speech() if name.startswith("Yes. Think"))
    word = turn[: round(1.0 * SAMPLE_RATE)] * np.float32(QUIETER)
    assert caption(offline_engine, "yes", word).texts[-1] == "yes"
