"""Rows of the ledger as Lectern stored them, to be written again by other means."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from lessons.identifiers import new_id


@dataclass(slots=True)
class StoredRows:
    """A supply of rows for one lesson, the same over and over but for their keys.

    Attributes:
        columns: the columns of `learning_events`, in their order.
        rows: the rows that are repeated.
        lesson_id: the lesson that the new rows are of.
        last: the sequence number of the last row that was taken.
    """

    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    lesson_id: str = field(default_factory=lambda: new_id("les"))
    last: int = 0

    @classmethod
    async def of_lesson(cls, owner: psycopg.AsyncConnection[Any], lesson_id: str) -> Self:
        """Take what Lectern stored of a lesson, over a connection of a superuser."""
        cursor = await owner.execute(
            "SELECT * FROM learning_events WHERE lesson_id = %s", [lesson_id]
        )
        columns = [column.name for column in cursor.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in await cursor.fetchall()]
        for row in rows:
            row["data"] = None if row["data"] is None else Jsonb(row["data"])
        return cls(columns, rows)

    def of_another_lesson(self) -> Self:
        """Return the same supply for a lesson of its own."""
        return type(self)(self.columns, self.rows)

    def next(self, count: int) -> list[tuple[Any, ...]]:
        """Return the values of the lesson's next rows, in the order of the columns."""
        taken = []
        for row in itertools.islice(itertools.cycle(self.rows), count):
            self.last += 1
            own = {"lesson_id": self.lesson_id, "sequence": self.last, "event_id": new_id("evt")}
            taken.append(tuple({**row, **own}[column] for column in self.columns))
        return taken

    def insert_statement(self, count: int) -> bytes:
        """Return one INSERT of so many rows."""
        values = sql.SQL(", ").join([sql.Placeholder()] * len(self.columns))
        rows = sql.SQL(", ").join([sql.SQL("({})").format(values)] * count)
        statement = sql.SQL("INSERT INTO learning_events ({}) VALUES {}")
        return statement.format(self._names(), rows).as_bytes(None)

    def copy_statement(self) -> bytes:
        """Return the COPY of any number of rows."""
        statement = sql.SQL("COPY learning_events ({}) FROM STDIN")
        return statement.format(self._names()).as_bytes(None)

    def _names(self) -> sql.Composable:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))
