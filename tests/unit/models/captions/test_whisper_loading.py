"""Every way that loading a Whisper model can fail, told with the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.errors import InvalidInput, LecternError, Unavailable
from models.captions.whisper_loading import WhisperOptions, load_whisper


def refusal(options: WhisperOptions) -> LecternError:
    with pytest.raises(LecternError) as refused:
        load_whisper(options)
    assert refused.value.field
    assert refused.value.fix
    return refused.value


@pytest.mark.parametrize("name", ["no-such-size", "a/b/c", "-bad-/name"])
def test_a_name_that_is_no_model(name: str) -> None:
    assert isinstance(refusal(WhisperOptions(name, device="cpu", download=False)), InvalidInput)


def test_a_model_that_is_not_on_disk_and_may_not_be_fetched() -> None:
    error = refusal(WhisperOptions("someone/whisper-not-here", device="cpu", download=False))
    assert isinstance(error, Unavailable)
    assert "someone/whisper-not-here" in error.reason


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    error = refusal(WhisperOptions(str(tmp_path / "nothing"), device="cpu"))
    assert "There is no folder" in error.reason


def test_a_folder_without_tokenizer_asks_nobody_for_one(
    tmp_path: Path, whisper_folder: Path
) -> None:
    for name in ("model.bin", "config.json"):
        (tmp_path / name).symlink_to(whisper_folder / name)
    error = refusal(WhisperOptions(str(tmp_path), device="cpu"))
    assert error.reason.endswith("lacks tokenizer.json.")


def test_a_damaged_model(tmp_path: Path, whisper_folder: Path) -> None:
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        (tmp_path / name).symlink_to(whisper_folder / name)
    (tmp_path / "model.bin").write_bytes(b"\0" * 100)
    assert isinstance(refusal(WhisperOptions(str(tmp_path), device="cpu")), InvalidInput)


def test_a_compute_type_that_the_device_does_not_run(whisper_folder: Path) -> None:
    error = refusal(WhisperOptions(str(whisper_folder), device="cpu", compute_type="float16"))
    assert error.field == "caption_compute_type"
    assert "`float16`" in error.reason
    assert error.fix is not None
    assert "int8" in error.fix


def test_a_device_that_does_not_exist() -> None:
    assert refusal(WhisperOptions("tiny", device="abacus")).field == "caption_device"
