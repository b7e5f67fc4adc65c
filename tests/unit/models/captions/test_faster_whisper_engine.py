"""The Whisper path from windows to words, on a small Whisper-shaped model made on the spot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from lessons.errors import InvalidInput
from media_ingest.frames import SAMPLE_RATE
from models.captions.faster_whisper_engine import FasterWhisperEngine
from models.captions.interface import CaptionWindow
from models.captions.whisper_loading import WhisperOptions
from tests.unit.models.captions.sounds import NOT_SPEECH

ENGLISH, SPANISH = "the answer is seven", "la respuesta es siete"


@pytest.fixture(scope="module")
def engine(whisper_folder: Path) -> Iterator[FasterWhisperEngine]:
    engine = FasterWhisperEngine(WhisperOptions(str(whisper_folder), device="cpu"))
    yield engine
    engine.close()


def test_one_call_takes_windows_of_several_languages_lengths_and_vocabularies(
    engine: FasterWhisperEngine, speech: NDArray[np.float32]
) -> None:
    windows = [
        CaptionWindow("one", speech, language="en"),
        CaptionWindow("dos", speech[: 2 * SAMPLE_RATE + 77], language="es"),
        CaptionWindow("partial", speech[SAMPLE_RATE:], language="en", final=False),
        CaptionWindow("short", speech[: 2 * SAMPLE_RATE], language="en"),
        CaptionWindow("silence", np.zeros(SAMPLE_RATE, np.float32), language="en"),
        CaptionWindow("nothing", np.zeros(0, np.float32), language="es"),
        *(CaptionWindow(f"more {n}", speech[: n * 8000], language="en") for n in range(2, 7)),
    ]
    hypotheses = engine.transcribe(windows)
    assert [hypothesis.window_id for hypothesis in hypotheses] == [window.id for window in windows]
    assert [hypothesis.language for hypothesis in hypotheses[:2]] == ["en", "es"]
    said = {hypothesis.window_id: hypothesis.text for hypothesis in hypotheses}
    assert said["one"] == said["short"] == said["partial"] == said["more 6"] == ENGLISH
    assert said["dos"] == SPANISH
    assert said["silence"] == said["nothing"] == ""


def test_words_lie_inside_their_own_window(
    engine: FasterWhisperEngine, speech: NDArray[np.float32]
) -> None:
    windows = [CaptionWindow(str(n), speech[: SAMPLE_RATE + n * 4_321]) for n in range(5)]
    for window, hypothesis in zip(windows, engine.transcribe(windows), strict=True):
        duration_ms = 1000 * len(window.samples) // SAMPLE_RATE
        starts = [word.start_ms for word in hypothesis.words]
        assert starts == sorted(starts)
        for word in hypothesis.words:
            assert 0 <= word.start_ms <= word.end_ms <= duration_ms
            assert 0 < word.confidence <= 1
            assert word.text
            assert word.text == word.text.strip()


def test_an_undeclared_language_is_detected(
    engine: FasterWhisperEngine, speech: NDArray[np.float32]
) -> None:
    [hypothesis] = engine.transcribe([CaptionWindow("a", speech, language=None)])
    assert hypothesis.language in engine.capabilities.languages


def test_speech_is_written_in_its_own_language_and_never_translated(
    engine: FasterWhisperEngine, whisper_folder: Path, speech: NDArray[np.float32]
) -> None:
    model = WhisperModel(str(whisper_folder), device="cpu", compute_type="int8")
    segments, _ = model.transcribe(
        speech, language="es", task="translate", without_timestamps=True, temperature=0.0
    )
    assert "".join(segment.text for segment in segments).strip() == ENGLISH, "it can translate"
    windows = [CaptionWindow("f", speech, language="es"), CaptionWindow("p", speech, False, "es")]
    assert [heard.text for heard in engine.transcribe(windows)] == [SPANISH, SPANISH]


def test_a_language_that_is_asked_about_changes_nothing_of_the_one_that_is_written(
    engine: FasterWhisperEngine, speech: NDArray[np.float32]
) -> None:
    asked = CaptionWindow("a", speech, language="es", detect_language=True)
    told = CaptionWindow("b", speech, language="es")
    silent = CaptionWindow("c", np.zeros(SAMPLE_RATE, np.float32), language=None)
    first, second, third = engine.transcribe([asked, told, silent])
    assert (first.text, first.language) == (second.text, second.language) == (SPANISH, "es")
    assert first.heard is not None
    assert first.heard.code in engine.capabilities.languages
    assert 0 <= first.heard.probability <= 1
    assert (second.heard, third.heard) == (None, None)


def test_words_of_a_batch_lie_where_speech_was_heard(
    engine: FasterWhisperEngine, speech: NDArray[np.float32]
) -> None:
    silence = np.zeros(12 * SAMPLE_RATE, np.float32)
    [heard] = engine.transcribe([CaptionWindow("a", np.concatenate([speech, silence]))])
    assert all(word.start_ms <= len(speech) // 16 + 1100 for word in heard.words)


def test_lesson_words_are_put_into_the_prompt(
    engine: FasterWhisperEngine, speech: NDArray[np.float32]
) -> None:
    vocabulary = tuple(f"term{number}" for number in range(400))
    [hypothesis] = engine.transcribe([CaptionWindow("a", speech, vocabulary=vocabulary)])
    assert hypothesis.window_id == "a"


def test_capabilities_tell_what_runs(engine: FasterWhisperEngine, whisper_folder: Path) -> None:
    capabilities = engine.capabilities
    assert (capabilities.engine, capabilities.model) == ("faster-whisper", str(whisper_folder))
    assert (capabilities.device, capabilities.licence) == ("cpu", "unknown")
    assert capabilities.compute_type.startswith("int8")
    assert {"en", "es"} < set(capabilities.languages)
    assert capabilities.accuracy is None
    assert capabilities.word_times == "cross-attention"


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (CaptionWindow("x", np.full(8000, np.nan, np.float32)), "windows[0].samples"),
        (CaptionWindow("x", np.zeros((2, 8000), np.float32)), "windows[0].samples"),
        (CaptionWindow("x", np.zeros(31 * SAMPLE_RATE, np.float32)), "windows[0].samples"),
        (CaptionWindow("x", np.zeros(8000, np.float32), language="tlh"), "windows[0].language"),
    ],
)
def test_a_bad_window_is_refused(
    engine: FasterWhisperEngine, window: CaptionWindow, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        engine.transcribe([window])
    assert refused.value.field == field
    assert refused.value.fix


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_no_text_is_invented_by_a_model_that_always_speaks(
    engine: FasterWhisperEngine, name: str
) -> None:
    windows = [CaptionWindow("f", NOT_SPEECH[name]), CaptionWindow("p", NOT_SPEECH[name], False)]
    assert [hypothesis.words for hypothesis in engine.transcribe(windows)] == [(), ()]


def test_a_text_that_the_model_itself_doubts_is_not_shown(
    unfitted_whisper_folder: Path, speech: NDArray[np.float32]
) -> None:
    engine = FasterWhisperEngine(WhisperOptions(str(unfitted_whisper_folder), device="cpu"))
    windows = [CaptionWindow("f", speech), CaptionWindow("p", speech, False)]
    assert [hypothesis.words for hypothesis in engine.transcribe(windows)] == [(), ()]
    engine.close()
