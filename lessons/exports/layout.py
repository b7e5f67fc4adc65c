"""How an export lies on disk, and the manifest that says how far it has come.

    <folder>/tenant=<id>/manifest.json
    <folder>/tenant=<id>/events/month=2026-11/<part>.parquet    a lesson's month is that of its day
    <folder>/tenant=<id>/lessons.parquet, participants.parquet, ...
    <folder>/tenant=<id>/views.sql

A part that the manifest does not name was left by an export that was interrupted, and is removed.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ValidationError

from lessons.errors import Conflict, InvalidInput
from lessons.store.commits import BEGINNING

FORMAT = 1
MANIFEST = "manifest.json"
EVENTS = "events"

EVENT_SCHEMA = pa.schema(
    [
        pa.field("lesson_id", pa.string(), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("data_schema", pa.string(), nullable=False),
        pa.field("subject", pa.string()),
        pa.field("occurred_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("lesson_time_ms", pa.int64(), nullable=False),
        pa.field("data", pa.string(), nullable=False),
    ]
)
"""Columns of an event's part; `data` is the event's data as a JSON object."""


class Manifest(BaseModel):
    """What an export of one tenant holds.

    Attributes:
        cursor: how far the tenant's commits have been followed.
        seen_at: when erasures were last looked for.
        swept_until: how far retention had come with each kind then.
        parts: the files with events, below the tenant's folder, and how many each holds.
    """

    format: int = FORMAT
    tenant_id: str
    cursor: str = str(BEGINNING)
    seen_at: AwareDatetime | None = None
    swept_until: dict[str, AwareDatetime] = {}
    parts: dict[str, int] = {}

    @classmethod
    def load(cls, folder: Path, tenant_id: str) -> Self:
        """Read the manifest of a tenant's folder; without one the export begins.

        Raises:
            InvalidInput: it is none of ours, of a newer Lectern's, or of another tenant.
        """
        path = folder / MANIFEST
        if not path.exists():
            return cls(tenant_id=tenant_id)
        try:
            manifest = cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise _unusable(path, "is not an export's manifest") from error
        if manifest.format != FORMAT or manifest.tenant_id != tenant_id:
            raise _unusable(path, "is of another format or another tenant")
        return manifest

    def save(self, folder: Path) -> None:
        """Write it, whole or not at all."""
        draft = folder / f".{MANIFEST}"
        draft.write_text(f"{self.model_dump_json(indent=1)}\n", "utf-8")
        draft.replace(folder / MANIFEST)

    def remove_strays(self, folder: Path) -> None:
        """Remove parts that the manifest does not name."""
        for path in (folder / EVENTS).glob("*/*"):
            if str(path.relative_to(folder)) not in self.parts:
                path.unlink()


def tenant_folder(folder: Path, tenant_id: str) -> Path:
    """Return where a tenant's export lies."""
    return folder / f"tenant={tenant_id}"


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold a tenant's folder; the lock goes with the process, however it ends.

    Raises:
        Conflict: another process exports into it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(
                f"Another process exports into {folder}.", field="output", fix="Wait for its end."
            ) from error
        yield


def _unusable(path: Path, why: str) -> InvalidInput:
    return InvalidInput(f"{path} {why}.", field="output", fix="Export into another folder.")
