"""The table of where a lesson's captions are sent to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, Table, Text

from lessons.store.tables.core import metadata

caption_outputs = Table(
    "caption_outputs",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("lesson_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("sealed_url", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("read_sequence", BigInteger, nullable=False),
    Column("lines_sent", Integer, nullable=False),
    Column("next_number", BigInteger),
    Column("in_flight", Boolean, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("failed_attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("last_error_at", DateTime(timezone=True)),
    Column("last_sent_at", DateTime(timezone=True)),
    Column("put_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
