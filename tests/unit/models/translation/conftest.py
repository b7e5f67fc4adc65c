"""A translation model for the whole session, made in a few seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.models.translation.tiny_models import make_marian


@pytest.fixture(scope="session")
def marian_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a Marian model that translates `SPANISH`."""
    return make_marian(tmp_path_factory.mktemp("translation") / "opus-mt-en-es")
