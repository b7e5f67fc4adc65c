"""The GPU benchmark on a CPU: its models say what they should, and it counts what holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import ctranslate2
import pytest

from eval import gpu_capacity
from eval.gpu_capacity import most_streams, parse, run, run_streams, spoken_windows
from eval.whisper_shapes import SHAPES, write_shape
from lessons.errors import InvalidInput
from models.captions.faster_whisper_engine import FasterWhisperEngine
from models.captions.interface import CaptionWindow, Hypothesis
from models.captions.whisper_loading import WhisperOptions, load_whisper
from tests.unit.serving.caption_engines import MeasuringEngine


def test_a_made_up_model_says_so_many_tokens_whatever_it_hears(tmp_path: Path) -> None:
    said = 20
    folder = write_shape(SHAPES["self-check"], tmp_path, said)
    model = load_whisper(WhisperOptions(str(folder), device="cpu", download=False))
    for samples in spoken_windows(4.0, 2):
        segments, _ = model.transcribe(
            samples, language="en", temperature=0.0, word_timestamps=True, without_timestamps=True
        )
        words = [word.word.strip() for segment in segments for word in segment.words or ()]
        assert words == [f"word{number}" for number in range(said)]


def test_a_made_up_model_takes_several_calls_at_once(tmp_path: Path) -> None:
    folder = write_shape(SHAPES["self-check"], tmp_path, 20)
    options = WhisperOptions(str(folder), device="cpu", download=False, parallel_calls=2)
    engine = FasterWhisperEngine(options)
    windows = [CaptionWindow(str(number), one) for number, one in enumerate(spoken_windows(4.0, 2))]
    assert [heard.window_id for heard in engine.transcribe(windows)] == ["0", "1"]
    assert engine.capabilities.most_calls == 2
    engine.close()


def test_the_shapes_are_those_of_whisper() -> None:
    # Widths, layers, heads and mel bins of openai/whisper-* on the Hugging Face hub.
    sizes = {
        name: (s.width, s.encoder_layers, s.decoder_layers, s.heads, s.mel_bins)
        for name, s in SHAPES.items()
    }
    assert sizes["tiny"] == (384, 4, 4, 6, 80)
    assert sizes["base"] == (512, 6, 6, 8, 80)
    assert sizes["small"] == (768, 12, 12, 12, 80)
    assert sizes["large-v3-turbo"] == (1280, 32, 4, 20, 128)


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a GPU")
def test_without_a_gpu_it_says_so_and_measures_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidInput, match="no CUDA device") as refusal:
        run(parse([]))
    assert "--device cpu" in (refusal.value.fix or "")
    assert capsys.readouterr().out == ""


def test_an_unknown_shape_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInput, match="enormous"):
        run(parse(["--device", "cpu", "--shapes", "tiny,enormous"]))


def test_a_gpu_run_measures_every_real_shape_and_a_cpu_run_checks_only_itself() -> None:
    assert parse([]).shapes == ["tiny", "base", "small", "large-v3-turbo"]
    assert parse([]).batches[-1] == 64
    assert parse(["--device", "cpu"]).shapes == ["self-check"]


class Asleep(MeasuringEngine):
    """Takes as long for a call as it is told, for any number of windows."""

    def __init__(self, call_s: float) -> None:
        super().__init__(parallel_windows=4)
        self._call_s = call_s

    def transcribe(self, windows: Sequence[CaptionWindow]) -> list[Hypothesis]:
        time.sleep(self._call_s)
        return super().transcribe(windows)


def test_streams_that_get_no_answer_in_time_do_not_hold() -> None:
    found = asyncio.run(run_streams(Asleep(0.4), spoken_windows(1.0, 2), 2, 1))
    assert found.p95_ms >= 400
    assert not found.holds


def test_the_number_of_streams_grows_until_it_does_not_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    async def up_to_21(_: object, __: object, number: int, ___: int) -> gpu_capacity.Streams:
        asked.append(number)
        return gpu_capacity.Streams(number, 10, 100 if number <= 21 else 900, 0, 1)

    monkeypatch.setattr(gpu_capacity, "run_streams", up_to_21)
    held = most_streams(MeasuringEngine(), [], 1, until=time.monotonic() + 60)
    assert asked[:6] == [1, 2, 4, 8, 16, 32]
    assert 20 <= held[-1].number <= 21
    assert most_streams(MeasuringEngine(), [], 1, until=0.0) == []
