"""The tables of privacy: keys, consent, audit, disclosure and how far retention has come."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text

from lessons.store.tables.core import metadata

subject_keys = Table(
    "subject_keys",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("wrapped_key", LargeBinary),
    Column("master_key_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("destroyed_at", DateTime(timezone=True)),
)
