"""DuckDB over an export: views that join events with people, answers and activity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

from lessons.errors import InvalidInput
from lessons.exports.layout import EVENT_SCHEMA, EVENTS, MANIFEST
from lessons.exports.side_tables import SIDE_TABLES

VIEWS_FILE = "views.sql"

VIEWS: Mapping[str, str] = MappingProxyType(
    {
        "answers": """
            SELECT person_id, events.lesson_id, occurred_at, lesson_time_ms,
                data->>'$.assessment_id' AS assessment_id, data->>'$.item_id' AS item_id,
                data->>'$.objective_id' AS objective_id,
                CAST(data->>'$.correct' AS BOOLEAN) AS correct,
                CAST(data->>'$.score' AS DOUBLE) AS score,
                CAST(data->>'$.attempt' AS INTEGER) AS attempt,
                CAST(data->>'$.hints' AS INTEGER) AS hints,
                CAST(data->>'$.duration_ms' AS BIGINT) AS duration_ms, event_id
            FROM events JOIN participants ON participants.id = events.subject
            WHERE type = 'assessment.item_answered'
        """,
        "captions": """
            SELECT person_id, role, events.lesson_id, occurred_at, lesson_time_ms,
                data->>'$.caption_id' AS caption_id,
                coalesce(corrected.text, data->>'$.text') AS text,
                data->>'$.language' AS language, event_id,
                data->>'$.text' AS text_at_first, data->>'$.engine' AS engine
            FROM events LEFT JOIN participants ON participants.id = events.subject
            LEFT JOIN (
                SELECT lesson_id, data->>'$.caption_id' AS caption_id,
                    arg_max(data->>'$.text', (CAST(data->>'$.revision' AS INTEGER), sequence))
                        AS text
                FROM events WHERE type = 'caption.corrected' GROUP BY ALL
            ) AS corrected ON corrected.lesson_id = events.lesson_id
                AND corrected.caption_id = data->>'$.caption_id'
            WHERE type = 'caption.final'
        """,
        "participation": """
            SELECT person_id, events.lesson_id, type, count(*) AS events,
                min(lesson_time_ms) AS first_ms, max(lesson_time_ms) AS last_ms
            FROM events JOIN participants ON participants.id = events.subject
            GROUP BY ALL
        """,
    }
)
"""Views beyond the plain tables, by name; `data->>'$.field'` reads any other field of an event."""


def open_export(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return DuckDB, in memory, with every table and view of one tenant's export.

    Args:
        folder: the tenant's, `<output>/tenant=<id>`.

    Raises:
        InvalidInput: there is no export.
    """
    if not (folder / MANIFEST).exists():
        raise InvalidInput(
            f"There is no export in {folder}.", field="folder", fix="Make one: lectern export."
        )
    connection = duckdb.connect()
    connection.execute(view_statements(folder))
    return connection


def write_views(folder: Path) -> None:
    """Write the views for DuckDB's own shell: `duckdb -init views.sql` in the folder."""
    (folder / VIEWS_FILE).write_text(view_statements(folder, Path()), "utf-8")


def view_statements(folder: Path, seen_from: Path | None = None) -> str:
    """Return the statements that make all views over the files of a tenant's folder.

    Args:
        seen_from: how the statements name the folder; by default as it is named here.
    """
    shown = folder if seen_from is None else seen_from
    # Nothing happened yet: DuckDB refuses a pattern that matches no file.
    empty = not any((folder / EVENTS).glob("*/*.parquet"))
    statements = [_view(EVENTS, _no_events() if empty else _events_of(shown))]
    for name in SIDE_TABLES:
        path = _quoted(shown / f"{name}.parquet")
        statements.append(_view(name, _all_of(path)))
    statements += [_view(name, " ".join(query.split())) for name, query in VIEWS.items()]
    return "\n".join(statements) + "\n"


def _all_of(path: str) -> str:
    # Or `tenant=` in the path would be taken for a column.
    return f"SELECT * FROM read_parquet({path}, hive_partitioning = false)"  # noqa: S608


def _events_of(folder: Path) -> str:
    columns = ", ".join((*EVENT_SCHEMA.names, "month"))
    files = _quoted(folder / EVENTS / "*" / "*.parquet")
    months = "hive_partitioning = true, hive_types = {'month': VARCHAR}"
    return f"SELECT {columns} FROM read_parquet({files}, {months})"  # noqa: S608


def _no_events() -> str:
    types = {"int64": "BIGINT", "string": "VARCHAR"}
    columns = (
        f"CAST(NULL AS {types.get(str(column.type), 'TIMESTAMPTZ')}) AS {column.name}"
        for column in EVENT_SCHEMA
    )
    return f"SELECT {', '.join(columns)}, CAST(NULL AS VARCHAR) AS month WHERE false"


def _view(name: str, query: str) -> str:
    return f"CREATE OR REPLACE VIEW {name} AS {query};"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
