"""The development speech: clips that engines are measured on and never tuned on.

It lies outside the repository, in the folder `LECTERN_DATA` (default `../shared/data`).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from lessons.errors import NotFound

DEFAULT_FOLDER = Path(__file__).parents[1] / ".." / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording of one speaker, with what is said in it.

    Attributes:
        id: the clip's name.
        path: the audio file.
        reference: what is said, as somebody wrote it down.
        speaker: who speaks.
        duration_seconds: length of the file.
    """

    id: str
    path: Path
    reference: str
    speaker: str
    duration_seconds: float


def data_folder() -> Path:
    """Return the folder of development data.

    Raises:
        NotFound: it is not there.
    """
    folder = Path(os.environ.get("LECTERN_DATA") or DEFAULT_FOLDER).resolve()
    if not folder.is_dir():
        raise NotFound(
            f"There is no development data in {folder}.",
            field="LECTERN_DATA",
            fix="Set it to the folder that holds `speech/manifest.jsonl`.",
        )
    return folder


def development_speech() -> list[Clip]:
    """Return the clips of `speech/manifest.jsonl`, in its order.

    Raises:
        NotFound: the folder or its manifest is not there.
    """
    folder = data_folder() / "speech"
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        raise NotFound(f"There is no {manifest}.", field="LECTERN_DATA")
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines() if line.strip()]
    return [
        Clip(row["id"], folder / row["path"], row["ref"], row["speaker"], row["duration"])
        for row in rows
    ]
