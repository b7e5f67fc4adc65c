"""Which engine a machine gets: as configured, from the disk, from the hub, or the offline one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from huggingface_hub import constants

from lessons.errors import InvalidInput, Unavailable
from models.captions import selection
from models.captions.selection import choose_engine


@pytest.fixture(autouse=True)
def no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a hub address where nobody listens; gives the cache folder."""
    cache = tmp_path / "hub"
    cache.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    return cache


def put_into_cache(cache: Path, repo_id: str, size: int, source: Path | None = None) -> None:
    """Lay a model down as the hub's own downloader does."""
    repo = cache / f"models--{repo_id.replace('/', '--')}"
    snapshot = repo / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("0" * 40)
    if source:
        shutil.copytree(source, snapshot, dirs_exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        (snapshot / name).touch()
    with (snapshot / "model.bin").open("ab") as weights:
        weights.truncate(size)


def test_without_any_model_the_offline_engine_is_chosen_and_the_reason_says_why() -> None:
    choice = choose_engine()
    assert (choice.engine, choice.model) == ("pocketsphinx", "en-us")
    assert choice.reason == (
        "no Whisper model is on disk and the model hub http://127.0.0.1:9 cannot be reached"
    )


def test_offline_mode_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert choose_engine().reason == "no Whisper model is on disk and HF_HUB_OFFLINE is set"


def test_a_configured_model_is_taken_as_it_is(whisper_folder: Path) -> None:
    choice = choose_engine(model=str(whisper_folder), device="cpu")
    assert (choice.engine, choice.reason) == ("faster-whisper", "it is configured")
    engine = choice.build()
    assert engine.capabilities.model == str(whisper_folder)
    engine.close()


def test_the_largest_model_on_disk_that_a_cpu_keeps_up_with_is_chosen(no_hub: Path) -> None:
    put_into_cache(no_hub, "Systran/faster-whisper-large-v3", 3_000_000_000)
    assert choose_engine(device="cpu").model == "Systran/faster-whisper-large-v3"
    put_into_cache(no_hub, "Systran/faster-whisper-tiny", 75_000_000)
    put_into_cache(no_hub, "Systran/faster-whisper-base", 145_000_000)
    put_into_cache(no_hub, "Systran/faster-whisper-small.en", 484_000_000)
    put_into_cache(no_hub, "someone/other-model", 200_000_000)
    choice = choose_engine(device="cpu")
    assert (choice.model, choice.reason) == (
        "Systran/faster-whisper-small.en",
        "it is on disk already",
    )
    assert choose_engine(device="cpu", language="es").model == "Systran/faster-whisper-base"


def test_a_cached_model_is_loaded_without_asking_the_hub(
    no_hub: Path, whisper_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (whisper_folder / "model.bin").stat().st_size
    put_into_cache(no_hub, "Systran/faster-whisper-tiny", size, whisper_folder)
    monkeypatch.setattr("faster_whisper.utils.huggingface_hub.constants.HF_HUB_CACHE", str(no_hub))
    engine = choose_engine(device="cpu").build()
    assert engine.capabilities.licence == "MIT"
    engine.close()


def test_where_the_hub_answers_its_default_model_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selection, "_why_hub_is_unreachable", lambda: None)
    assert choose_engine(device="cpu").model == "base.en"
    assert choose_engine(device="cpu", language="fr").model == "base"


def test_the_offline_engine_can_be_asked_for(no_hub: Path) -> None:
    put_into_cache(no_hub, "Systran/faster-whisper-tiny", 75_000_000)
    choice = choose_engine(engine="pocketsphinx")
    assert (choice.engine, choice.reason) == ("pocketsphinx", "it is configured")


def test_whisper_without_a_model_anywhere_is_unavailable() -> None:
    with pytest.raises(Unavailable) as refused:
        choose_engine(engine="faster-whisper")
    assert refused.value.field == "caption_model"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"engine": "sphinx"}, "caption_engine"),
        ({"engine": "pocketsphinx", "model": "tiny"}, "caption_model"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        choose_engine(**settings)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert refused.value.fix
