"""The tables of those who follow along: what committed, and in which order."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Table, Text

from lessons.store.tables.core import metadata

ledger_commits = Table(
    "ledger_commits",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("transaction_id", BigInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("lesson_id", Text, nullable=False),
    Column("lesson_day", Date, nullable=False),
    Column("course_id", Text),
    Column("first_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("committed_at", DateTime(timezone=True), nullable=False),
)
