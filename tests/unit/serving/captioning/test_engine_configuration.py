"""One reading of the settings for everybody who runs an engine, and the smaller model beside it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from eval.gpu_capacity import spoken_windows
from eval.whisper_shapes import SHAPES, write_shape
from lessons.errors import InvalidInput
from models.captions.interface import CaptionWindow
from serving.captioning.engine_configuration import EngineConfiguration
from serving.captioning.ladder import Ladder, Rung
from serving.captioning.window_batcher import WindowBatcher
from serving.settings import Settings


def test_it_says_what_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        caption_engine="faster-whisper",
        caption_model="small",
        caption_smaller_model="tiny",
        caption_device="cpu",
        caption_compute_type="int8",
        caption_beam_size=3,
        caption_parallel_calls=2,
        caption_language="cy",
    )
    assert EngineConfiguration.of(settings).model_dump() == {
        "engine": "faster-whisper",
        "model": "small",
        "smaller_model": "tiny",
        "device": "cpu",
        "compute_type": "int8",
        "beam_size": 3,
        "parallel_calls": 2,
        "language": "cy",
    }


@pytest.mark.parametrize(
    ("engine", "model", "smaller"),
    [("pocketsphinx", None, "tiny"), ("faster-whisper", "tiny", "tiny")],
)
def test_a_smaller_model_that_cannot_be_one_is_refused(
    engine: str, model: str | None, smaller: str
) -> None:
    asked = EngineConfiguration(engine=engine, model=model, smaller_model=smaller)
    with pytest.raises(InvalidInput, match="no smaller model") as refusal:
        asked.choose_smaller(asked.choose())
    assert refusal.value.field == "LECTERN_CAPTION_SMALLER_MODEL"


def test_without_one_there_is_none() -> None:
    asked = EngineConfiguration(engine="pocketsphinx")
    assert asked.choose_smaller(asked.choose()) is None


async def test_two_whispers_lie_side_by_side_and_captions_name_the_one_that_made_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = write_shape(SHAPES["self-check"], tmp_path, 6)
    small = Path(shutil.copytree(large, tmp_path / "smaller"))
    asked = EngineConfiguration(
        engine="faster-whisper", model=str(large), smaller_model=str(small), device="cpu"
    )
    choice = asked.choose()
    smaller = asked.choose_smaller(choice)
    assert smaller is not None
    batcher = WindowBatcher(choice.build(), smaller.build())
    (speech,) = spoken_windows(2.0, 1)
    window = CaptionWindow("a", speech, final=False)
    first = await batcher.transcribe(window)
    monkeypatch.setattr(Ladder, "observe", lambda *_: Rung.SMALLER_PARTIALS)
    monkeypatch.setattr(Ladder, "rung", Rung.SMALLER_PARTIALS)
    second, final = await asyncio.gather(
        batcher.transcribe(window), batcher.transcribe(CaptionWindow("b", speech))
    )
    assert [first.model, second.model, final.model] == [str(large), str(small), str(large)]
    assert first.words == second.words != ()
    await batcher.close()
