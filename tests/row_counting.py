"""How many rows of the ledger a test reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from lessons.store import Database


@contextmanager
def counting_rows(database: Database) -> Iterator[list[int]]:
    """Give the number of rows of each reading of events while the block runs."""
    rows: list[int] = []

    def note(_connection: object, cursor: Any, sent: str, *_: object) -> None:
        if "FROM learning_events" in sent:
            rows.append(cursor.rowcount)

    engine = database._engine.sync_engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield rows
    finally:
        event.remove(engine, "after_cursor_execute", note)
