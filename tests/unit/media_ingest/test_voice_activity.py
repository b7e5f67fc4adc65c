from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from media_ingest.frames import SAMPLE_RATE
from media_ingest.utterances import CuttingSettings, UtteranceCutter
from media_ingest.voice_activity import CHUNK_SAMPLES, SpeechGate, silero_model
from tests.unit.media_ingest import sounds

SPEECH = 0.5


def probabilities(samples: sounds.Samples, chunks_at_a_time: int = 1) -> list[float]:
    gate = SpeechGate()
    whole = samples[: len(samples) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, CHUNK_SAMPLES)
    return [
        float(probability)
        for at in range(0, len(whole), chunks_at_a_time)
        for probability in gate.probabilities(whole[at : at + chunks_at_a_time])
    ]


NO_SPEECH = {
    "silence": sounds.silence(10),
    "faint white noise": sounds.white_noise(10, 0.003),
    "white noise": sounds.white_noise(10, 0.05),
    "loud white noise": sounds.white_noise(10, 0.3),
    "low tone": sounds.tone(10, 220),
    "test tone": sounds.tone(10, 1000),
    "mains hum": sounds.mains_hum(10),
    "music": sounds.music(20),
    "keyboard": sounds.keyboard(20),
}


@pytest.mark.parametrize("name", NO_SPEECH)
def test_no_window_is_cut_of_what_is_no_speech(name: str) -> None:
    cutter = UtteranceCutter(SpeechGate(), CuttingSettings())
    windows = [w for frame in sounds.frames(NO_SPEECH[name]) for w in cutter.feed(frame)]
    assert windows + cutter.finish() == []


@pytest.mark.parametrize("name", ["tutor", "learner"])
def test_speech_of_every_turn_is_heard_and_nothing_else(name: str) -> None:
    heard = np.array(probabilities(sounds.sample_track(name))) >= SPEECH
    chunk_ms = 1000 * CHUNK_SAMPLES / SAMPLE_RATE
    spoken = np.zeros(len(heard), np.bool_)
    for start_ms, end_ms in sounds.sample_turns(name):
        turn = slice(int(start_ms / chunk_ms), int(end_ms / chunk_ms) + 1)
        assert heard[turn].mean() > 0.5
        spoken[turn.start - 3 : turn.stop + 6] = True
    assert not heard[~spoken].any()


def test_quiet_speech_in_a_noisy_room_is_still_heard() -> None:
    start_ms, end_ms = sounds.sample_turns("tutor")[0]
    turn = sounds.sample_track("tutor")[start_ms * 16 : end_ms * 16]
    quiet = 0.05 * turn + sounds.white_noise(len(turn) / SAMPLE_RATE, 0.0005)
    assert np.mean(np.array(probabilities(quiet)) >= SPEECH) > 0.5


def test_chunks_in_one_call_and_in_many_are_judged_alike() -> None:
    speech = sounds.sample_track("tutor")[: 8 * SAMPLE_RATE]
    one, many = probabilities(speech), probabilities(speech, chunks_at_a_time=7)
    assert np.mean((np.array(one) >= SPEECH) == (np.array(many) >= SPEECH)) > 0.98


def test_after_a_reset_the_past_makes_no_difference() -> None:
    chunks = sounds.sample_track("tutor")[SAMPLE_RATE : SAMPLE_RATE + 60 * CHUNK_SAMPLES]
    chunks = chunks.reshape(-1, CHUNK_SAMPLES)
    gate = SpeechGate()
    first = gate.probabilities(chunks)
    gate.reset()
    assert np.array_equal(gate.probabilities(chunks), first)


def test_all_tracks_of_a_process_share_one_network() -> None:
    assert silero_model() is silero_model()


def test_the_media_process_does_not_load_whisper_for_it() -> None:
    program = (
        "import sys; from media_ingest.voice_activity import SpeechGate; SpeechGate();"
        "sys.exit(any(name in sys.modules for name in ('faster_whisper', 'ctranslate2')))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
