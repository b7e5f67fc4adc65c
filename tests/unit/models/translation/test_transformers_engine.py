"""The engine of `transformers` over real models, loaded from their folders."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import NllbTokenizer

from lessons.errors import InvalidInput, Unavailable
from models.translation.languages import languages_of
from models.translation.selection import load_translation
from models.translation.transformers_engine import TransformersEngine
from tests.unit.models.translation.tiny_models import SPANISH, make_m2m100


@pytest.fixture(scope="module")
def engine(marian_folder: Path) -> TransformersEngine:
    return TransformersEngine(str(marian_folder))


def test_it_translates_a_batch_in_its_order(engine: TransformersEngine) -> None:
    assert engine.translate(list(SPANISH), "en", "es") == list(SPANISH.values())
    assert engine.translate(["half of the cake"] * 2, "en", "es") == ["la mitad del pastel"] * 2


def test_a_text_goes_through_sentence_by_sentence(engine: TransformersEngine) -> None:
    (translated,) = engine.translate(["Open your books. Who can tell me?"], "en", "es")
    assert translated == "Abrid los libros. ¿Quién me lo dice?"


def test_it_says_what_it_is(engine: TransformersEngine) -> None:
    loaded = engine.loaded
    assert (loaded.model, loaded.sources, loaded.targets) == ("opus-mt-en-es", ("en",), ("es",))
    assert loaded.version.startswith("transformers ")
    if not torch.cuda.is_available():
        assert (loaded.device, loaded.compute_type) == ("cpu", "float32")


def test_a_text_without_words_has_no_translation(engine: TransformersEngine) -> None:
    assert engine.translate(["", "  \n "], "en", "es") == ["", ""]


def test_a_pair_that_it_does_not_offer_is_refused(engine: TransformersEngine) -> None:
    with pytest.raises(InvalidInput, match="does not translate from 'en' into 'fr'"):
        engine.translate(["half of the cake"], "en", "fr")


def test_a_model_that_never_stops_gives_no_translation(engine: TransformersEngine) -> None:
    """Its end token is made impossible, as it is for a model that has lost its way."""
    with _endless(engine):
        assert engine.translate(["half of the cake"], "en", "es") == [""]
    assert engine.translate(["half of the cake"], "en", "es") == ["la mitad del pastel"]


class _endless:  # noqa: N801 - reads as a statement
    def __init__(self, engine: TransformersEngine) -> None:
        self._bias: Any = engine._model.final_logits_bias

    def __enter__(self) -> None:
        self._before = self._bias.clone()
        self._bias[0, 0] = -1e9

    def __exit__(self, *_: object) -> None:
        self._bias.copy_(self._before)


def test_a_model_of_many_languages_is_told_both(tmp_path: Path) -> None:
    engine = TransformersEngine(str(make_m2m100(tmp_path / "m2m100")))
    assert engine.loaded.offers("en", "es")
    assert engine.loaded.offers("de", "fr")
    assert not engine.loaded.offers("es", "es")
    assert engine.translate(list(SPANISH), "en", "es") == list(SPANISH.values())


def test_the_languages_of_nllb_go_by_their_usual_codes() -> None:
    pieces = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "▁": 4}
    languages = languages_of(NllbTokenizer(vocab=pieces, merges=[]), "nllb-200")
    assert languages.sources["es"] == languages.targets["es"] == "spa_Latn"
    assert languages.targets["zh"] == "zho_Hans"
    assert len(languages.targets) > 90
    assert not languages.prefixed


def test_a_model_that_does_not_tell_its_languages_is_refused(engine: TransformersEngine) -> None:
    class Silent:
        all_special_tokens = ("</s>",)

    assert languages_of(Silent(), "Helsinki-NLP/opus-mt-en-de").targets == {"de": ""}
    with pytest.raises(InvalidInput, match="does not tell which languages"):
        languages_of(Silent(), "my-model")


@pytest.mark.parametrize(
    ("model", "reason"),
    [("/no/such/folder", "There is no folder"), ("a b", "There is no model `a b`")],
)
def test_a_model_that_does_not_exist_is_told_in_plain_words(model: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refused:
        load_translation([model], 1)
    assert refused.value.field == "translation_models"


def test_a_folder_without_weights_is_told_in_plain_words(
    tmp_path: Path, marian_folder: Path
) -> None:
    broken = tmp_path / "opus-mt-en-es"
    shutil.copytree(marian_folder, broken, ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(InvalidInput, match="holds no translation model"):
        load_translation([str(broken)], 1)


def test_a_hub_model_that_is_not_on_disk_is_unavailable_offline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(Unavailable, match="is not on disk"):
        load_translation(["Helsinki-NLP/opus-mt-en-es"], 1)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("transformers_engine", "loading"):
        monkeypatch.delitem(sys.modules, f"models.translation.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InvalidInput, match="needs `torch`") as refused:
        load_translation(["opus-mt-en-es"], 1)
    assert "lectern[translation]" in str(refused.value.fix)


def test_of_several_models_the_first_that_offers_a_pair_is_used(marian_folder: Path) -> None:
    models = load_translation([str(marian_folder)], 1)
    engine = models.engine_for("en", "es")
    assert engine is not None
    assert engine.loaded == models.loaded[0]
    assert models.engine_for("es", "en") is None
