"""The small tables of an export: what events refer to. Written whole each time; no names of people.

A learner is an id here: whoever analyses or trains has no use for names, and an export lies outside
of everything that guards them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.store import tables

ROWS_AT_A_TIME = 5_000

_TIME = pa.timestamp("us", "UTC")
_TEXT = pa.string()

SIDE_TABLES: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "lessons": pa.schema(
            [
                ("id", _TEXT),
                ("course_id", _TEXT),
                ("title", _TEXT),
                ("status", _TEXT),
                ("language", _TEXT),
                ("day", pa.date32()),
                ("created_at", _TIME),
                ("started_at", _TIME),
                ("ended_at", _TIME),
                ("last_sequence", pa.int64()),
                ("sample", pa.bool_()),
            ]
        ),
        "participants": pa.schema(
            [("id", _TEXT), ("lesson_id", _TEXT), ("person_id", _TEXT), ("role", _TEXT)]
        ),
        "courses": pa.schema(
            [("id", _TEXT), ("title", _TEXT), ("curriculum_id", _TEXT), ("created_at", _TIME)]
        ),
        "objectives": pa.schema(
            [("id", _TEXT), ("curriculum_id", _TEXT), ("code", _TEXT), ("statement", _TEXT)]
        ),
        "objective_evidence": pa.schema(
            [
                ("person_id", _TEXT),
                ("objective_id", _TEXT),
                ("lesson_id", _TEXT),
                ("kind", _TEXT),
                ("outcome", pa.float64()),
                ("event_id", _TEXT),
                ("occurred_at", _TIME),
            ]
        ),
    }
)
"""Name of each table and the columns of it that are exported."""


async def write_side_table(
    connection: AsyncConnection, tenant_id: str, name: str, folder: Path
) -> int:
    """Write one of `SIDE_TABLES` whole or not at all, by keyset; return its number of rows."""
    table, schema = tables.metadata.tables[name], SIDE_TABLES[name]
    keys = [column for column in table.primary_key if column.name != "tenant_id"]
    draft, count = folder / f".{name}.parquet", 0
    with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
        last: Sequence[Any] | None = None
        while rows := await _rows(connection, tenant_id, keys, last):
            last = [rows[-1][key.name] for key in keys]
            count += len(rows)
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    draft.replace(folder / f"{name}.parquet")
    return count


async def _rows(
    connection: AsyncConnection,
    tenant_id: str,
    keys: Sequence[Column[Any]],
    last: Sequence[Any] | None,
) -> list[dict[str, Any]]:
    table = keys[0].table
    query = (
        select(table).where(table.c.tenant_id == tenant_id).order_by(*keys).limit(ROWS_AT_A_TIME)
    )
    if last is not None:
        query = query.where(tuple_(*keys) > tuple_(*last))
    return [dict(row) for row in (await connection.execute(query)).mappings()]
