"""The Parquet parts with a tenant's events: added to month by month, and written anew to forget."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lessons.events import LearningEvent
from lessons.exports.layout import EVENT_SCHEMA, EVENTS, Manifest
from lessons.identifiers import new_id

DatedEvent = tuple[date, LearningEvent]
"""An event and the day of its lesson."""


class EventParts:
    """The parts of one tenant's folder. What is written counts once the manifest is saved.

    Args:
        folder: the tenant's.
        manifest: names the parts; is changed along with them.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self._manifest = manifest

    def add(self, events: Iterable[DatedEvent]) -> None:
        """Write events into new parts, one for each month."""
        months: dict[str, list[LearningEvent]] = defaultdict(list)
        for day, event in events:
            months[f"{day:%Y-%m}"].append(event)
        for month, of_month in months.items():
            self._write(month, _table(of_month))

    def without(self, lesson_ids: Collection[str]) -> dict[str, set[int]]:
        """Write every part anew that holds events of these lessons, without them.

        Returns:
            The sequence numbers that it held, by lesson.
        """
        wanted = pa.array(sorted(lesson_ids), pa.string())
        removed: dict[str, set[int]] = defaultdict(set)
        for name in list(self._manifest.parts) if lesson_ids else []:
            table = pq.read_table(self._folder / name, schema=EVENT_SCHEMA, partitioning=None)
            among = pc.is_in(table["lesson_id"], wanted)
            for row in table.filter(among).select(["lesson_id", "sequence"]).to_pylist():
                removed[row["lesson_id"]].add(row["sequence"])
            kept = table.filter(pc.invert(among))
            if kept.num_rows < table.num_rows:
                del self._manifest.parts[name]
                if kept.num_rows:
                    self._write(Path(name).parent.name.removeprefix("month="), kept)
        return dict(removed)

    def _write(self, month: str, table: pa.Table) -> None:
        name = f"{EVENTS}/month={month}/{new_id('part')}.parquet"
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        ordered = table.sort_by([("lesson_id", "ascending"), ("sequence", "ascending")])
        pq.write_table(ordered, path, compression="zstd")
        self._manifest.parts[name] = table.num_rows


def _table(events: Iterable[LearningEvent]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "lesson_id": event.lessonid,
                "sequence": event.ledgersequence,
                "event_id": event.id,
                "type": event.type,
                "data_schema": event.dataschema,
                "subject": event.subject,
                "occurred_at": event.time,
                "lesson_time_ms": event.lessontimems,
                "data": json.dumps(event.data.model_dump(mode="json"), ensure_ascii=False),
            }
            for event in events
        ],
        schema=EVENT_SCHEMA,
    )
