"""The translator as a Serve deployment: batched across lessons, beside a captioner that goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ray import serve
from ray.cluster_utils import Cluster

from models.captions.interface import CaptionWindow
from serving.captioning.client import CaptionClient
from serving.translation.client import TranslationClient
from serving.translation.start import run_translation
from serving.translation.status import TranslationStatus
from serving.translation.translator import TRANSLATION_APPLICATION, TranslatorConfiguration
from serving.translation.wire import Original
from tests.end_to_end.models.models_command import ModelsCommand, eventually, models_command
from tests.media import sample_speech
from tests.unit.models.translation.conftest import marian_folder
from tests.unit.models.translation.tiny_models import SPANISH

__all__ = ["marian_folder"]

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def translating(
    two_nodes: Cluster,
    models_on_two_nodes: ModelsCommand,
    marian_folder: Path,
    tmp_path: Path,
) -> Iterator[ModelsCommand]:
    """A second models process of the cluster, which has a translation model as well."""
    with models_command(
        tmp_path,
        LECTERN_RAY_ADDRESS=two_nodes.address,
        LECTERN_TRANSLATION_MODELS=str(marian_folder),
    ) as command:
        command.wait_until_ready()
        yield command
    serve.delete(TRANSLATION_APPLICATION)


def _ready(command: ModelsCommand) -> dict[str, Any] | None:
    told = command.told("translation")
    return told if told is not None and told["state"] == "ready" else None


async def test_texts_of_many_lessons_are_translated_while_captions_go_on(
    translating: ModelsCommand,
) -> None:
    told = eventually(lambda: _ready(translating), 120)
    (model,) = told["models"]
    assert (model["model"], model["sources"], model["targets"]) == ("opus-mt-en-es", ["en"], ["es"])
    originals = [Original(text=text, source="en", target="es") for text in SPANISH]
    async with (
        TranslationClient(translating.url) as translations,
        CaptionClient(translating.url) as captions,
    ):
        batches, heard = await asyncio.gather(
            asyncio.gather(*(translations.translate(originals) for _ in range(5))),
            captions.transcribe(CaptionWindow("a", sample_speech("tutor", 3.0))),
        )
        (french,) = await translations.translate(
            [Original(text="half of the cake", source="en", target="fr")]
        )
    for batch in batches:
        assert [one.text for one in batch] == list(SPANISH.values())
    assert heard.words
    assert french.outcome == "not_offered"


def test_a_model_that_cannot_be_loaded_is_told_in_plain_words(two_nodes: Cluster) -> None:
    status = TranslationStatus()
    run_translation(TranslatorConfiguration(models=["/no/such/folder"]), status)
    try:
        told = status.report()
        assert told.state == "failed"
        assert "There is no folder `/no/such/folder`" in told.reason
    finally:
        serve.delete(TRANSLATION_APPLICATION)
