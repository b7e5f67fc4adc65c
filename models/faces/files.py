"""The files of the face models: which they are, where they lie, and whether they are what they say.

They are taken out of the wheel of mediapipe 0.10.21 when Lectern is set up (`installing.py`), so
that neither the files nor mediapipe itself are part of Lectern. `card.md` here says more.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lessons.errors import Unavailable

NAME = "mediapipe-faces"
VERSION = "0.10.21"

DETECTION = "face_detection_short_range.tflite"
MESH = "face_landmark.tflite"

CHECKSUMS: Mapping[str, str] = MappingProxyType(
    {
        DETECTION: "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        MESH: "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    }
)
"""SHA-256 of each file."""

INSTALL_COMMAND = "lectern install-faces"


def models_folder() -> Path:
    """Return the folder that set-up puts the files into: it belongs to the Python environment."""
    return Path(sys.prefix) / "share" / "lectern" / "faces"


def read_model(folder: Path, name: str) -> bytes:
    """Return a model's file.

    Raises:
        Unavailable: it is not there, or is another file than the one that was examined.
    """
    fix = (
        f"Install the face models with `{INSTALL_COMMAND}`; the camera features are off until then."
    )
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise Unavailable(f"The face model {name} is not in {folder}.", fix=fix) from error
    if hashlib.sha256(content).hexdigest() != CHECKSUMS[name]:
        raise Unavailable(f"{folder / name} is not the file that Lectern was made with.", fix=fix)
    return content
