"""A gateway that reaches a models endpoint over HTTP, with an engine whose pace the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from serving.captioning.bridge import LoadedModel, ModelsStatus, create_bridge
from serving.captioning.client import InProcessCaptions
from serving.settings import Settings
from tests.keys import MASTER_KEY
from tests.unit.serving.caption_engines import MeasuringEngine
from tests.unit.serving.conftest import SECRET
from tests.unit.serving.serving_app import serve


@pytest.fixture
def engine() -> MeasuringEngine:
    return MeasuringEngine()


@pytest.fixture
def loaded() -> bool:
    return True


@pytest.fixture
async def models_url(engine: MeasuringEngine, loaded: bool) -> AsyncIterator[str]:
    captions = InProcessCaptions(engine)
    status = ModelsStatus()
    if loaded:
        status.ready(LoadedModel(captions, engine.capabilities, "a test asked for it"))
    async with serve(create_bridge(status)) as url:
        yield url
        engine.open_gate.set()
    await captions.close()


@pytest.fixture
def settings(tmp_path: Path, models_url: str) -> Settings:
    return Settings(
        data_dir=tmp_path, token_secret=SECRET, master_key=MASTER_KEY, models_url=models_url
    )
