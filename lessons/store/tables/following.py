"""The tables of those who follow along: what committed in which order, and webhooks."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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

follower_marks = Table(
    "follower_marks",
    metadata,
    Column("follower", Text, primary_key=True),
    Column("transaction_id", BigInteger, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("event_types", ARRAY(Text)),
    Column("course_id", Text),
    Column("contact_email", Text),
    Column("status", Text, nullable=False),
    Column("disabled_reason", Text),
    Column("disabled_at", DateTime(timezone=True)),
    Column("failing_since", DateTime(timezone=True)),
    Column("last_success_at", DateTime(timezone=True)),
    Column("secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    Column("previous_secret_until", DateTime(timezone=True)),
    Column("read_transaction_id", BigInteger, nullable=False),
    Column("read_position", BigInteger, nullable=False),
    Column("told_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

webhook_lanes = Table(
    "webhook_lanes",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("webhook_id", Text, primary_key=True),
    Column("replay_id", Text, primary_key=True),
    Column("lesson_id", Text, primary_key=True),
    Column("delivered_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("failed_attempts", Integer, nullable=False),
    Column("failed_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("webhook_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("lesson_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", JSONB, nullable=False),
    Column("last_attempt_at", DateTime(timezone=True), nullable=False),
    Column("next_attempt_at", DateTime(timezone=True)),
)
