"""The offline engine on real speech, on no speech at all, and through the death of a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest
from jiwer import wer
from numpy.typing import NDArray
from whisper_normalizer.english import EnglishTextNormalizer

from lessons.errors import InvalidInput
from media_ingest.frames import SAMPLE_RATE
from models.captions.interface import CaptionWindow
from models.captions.pocketsphinx_engine import PocketsphinxEngine
from tests.unit.models.captions.sounds import NOT_SPEECH, silence, white_noise

Turn = tuple[str, NDArray[np.float32]]


def decoder_processes() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_the_sample_lesson_is_understood_and_words_lie_inside_their_window(
    offline_engine: PocketsphinxEngine, tutor_turns: list[Turn]
) -> None:
    turns = tutor_turns[:6]
    windows = [CaptionWindow(str(number), samples) for number, (_, samples) in enumerate(turns)]
    hypotheses = offline_engine.transcribe(windows)
    assert [hypothesis.window_id for hypothesis in hypotheses] == [window.id for window in windows]
    normal = EnglishTextNormalizer()
    references = [normal(text) for text, _ in turns]
    assert wer(references, [normal(hypothesis.text) for hypothesis in hypotheses]) < 0.3
    for window, hypothesis in zip(windows, hypotheses, strict=True):
        duration_ms = 1000 * len(window.samples) // SAMPLE_RATE
        starts = [word.start_ms for word in hypothesis.words]
        assert starts == sorted(starts)
        for word in hypothesis.words:
            assert 0 <= word.start_ms < word.end_ms <= duration_ms
            assert 0 <= word.confidence <= 1
            assert not set(word.text) & set("<>[]()+~")


def test_a_partial_window_is_decoded_quickly(
    offline_engine: PocketsphinxEngine, speech: NDArray[np.float32]
) -> None:
    [partial] = offline_engine.transcribe([CaptionWindow("p", speech, final=False)])
    assert len(partial.words) > 3


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_no_text_is_invented(offline_engine: PocketsphinxEngine, name: str) -> None:
    sound = NOT_SPEECH[name]
    windows = [CaptionWindow("f", sound), CaptionWindow("p", sound, final=False)]
    assert [hypothesis.words for hypothesis in offline_engine.transcribe(windows)] == [(), ()]


def test_empty_and_very_short_windows_have_no_words(offline_engine: PocketsphinxEngine) -> None:
    windows = [CaptionWindow("e", silence(0)), CaptionWindow("s", white_noise(0.1, 0.01))]
    assert [hypothesis.words for hypothesis in offline_engine.transcribe(windows)] == [(), ()]
    assert offline_engine.transcribe([]) == []


def test_loud_samples_are_clipped_and_understood(
    offline_engine: PocketsphinxEngine, speech: NDArray[np.float32]
) -> None:
    [loud] = offline_engine.transcribe([CaptionWindow("l", speech * np.float32(3))])
    assert loud.words


def test_lesson_words_keep_their_spelling_and_do_not_reach_other_lessons(
    offline_engine: PocketsphinxEngine, tutor_turns: list[Turn]
) -> None:
    text, samples = next(turn for turn in tutor_turns if "halves" in turn[0].lower())
    windows = [
        CaptionWindow("with", samples, vocabulary=("HALVES", "zyzzyva")),
        CaptionWindow("without", samples),
    ]
    with_words, without = offline_engine.transcribe(windows)
    assert "HALVES" in with_words.text, text
    assert "HALVES" not in without.text


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (CaptionWindow("x", np.array([0.0, np.inf], np.float32)), "windows[0].samples"),
        (CaptionWindow("x", np.zeros(800, np.float64)), "windows[0].samples"),
        (CaptionWindow("x", silence(31)), "windows[0].samples"),
        (CaptionWindow("x", silence(1), language="fr"), "windows[0].language"),
    ],
)
def test_a_bad_window_is_refused(
    offline_engine: PocketsphinxEngine, window: CaptionWindow, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        offline_engine.transcribe([window])
    assert refused.value.field == field


def test_capabilities_tell_what_runs(offline_engine: PocketsphinxEngine) -> None:
    capabilities = offline_engine.capabilities
    assert (capabilities.engine, capabilities.model) == ("pocketsphinx", "en-us")
    assert capabilities.parallel_windows == 2
    assert capabilities.accuracy is not None
    assert 0 < capabilities.accuracy.low < capabilities.accuracy.word_error_rate
    assert capabilities.accuracy.word_error_rate < capabilities.accuracy.high < 1


def test_killed_processes_are_replaced_and_closing_ends_all(speech: NDArray[np.float32]) -> None:
    before = set(decoder_processes())
    engine = PocketsphinxEngine(processes=1)
    [process] = set(decoder_processes()) - before
    process.send_signal(signal.SIGKILL)
    [hypothesis] = engine.transcribe([CaptionWindow("a", speech, final=False)])
    assert hypothesis.words
    [replacement] = set(decoder_processes()) - before - {process}
    engine.close()
    assert not replacement.is_running()


def test_decoder_processes_end_with_a_caller_that_was_killed() -> None:
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert caller.stdout is not None
    assert caller.stdout.readline().strip() == "ready"
    children = psutil.Process(caller.pid).children()
    assert children
    caller.kill()
    caller.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


CALLER = """
from models.captions.pocketsphinx_engine import PocketsphinxEngine

if __name__ == "__main__":
    engine = PocketsphinxEngine(processes=1)
    print("ready", flush=True)
    time.sleep(60)
"""
