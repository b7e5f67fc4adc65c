"""The face models that set-up takes out of a wheel, for the tests that need them."""

from __future__ import annotations

import os

import pytest

from models.faces.files import models_folder
from models.faces.installing import are_installed
from models.faces.reader import MediapipeFaces


def require_faces() -> MediapipeFaces:
    """Skip where the models could not be fetched; in CI that is a failure, for set-up has to."""
    if are_installed(models_folder()):
        return MediapipeFaces()
    reason = "The face models are not installed: `make faces` fetches them from the package index."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
