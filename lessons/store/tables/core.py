"""The tables of lessons, tracks, recordings, keys, workers and the ledger."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()

lessons = Table(
    "lessons",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("language", Text, nullable=False),
    Column("vocabulary", ARRAY(Text), nullable=False),
    Column("consent_basis", Text),
    Column("sample", Boolean, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("course_id", Text),
)

participants = Table(
    "participants",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("lesson_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("external_id", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

tracks = Table(
    "tracks",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("lesson_id", Text, nullable=False),
    Column("participant_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("worker_id", Text),
    Column("muted", Boolean, nullable=False),
    Column("published_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger),
)

recordings = Table(
    "recordings",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("lesson_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("progress", Double, nullable=False),
    Column("duration_ms", BigInteger),
    Column("error", Text),
    Column("files", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

learning_events = Table(
    "learning_events",
    metadata,
    Column("lesson_day", Date, primary_key=True),
    Column("lesson_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Text),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("lesson_time_ms", BigInteger, nullable=False),
    Column("data", JSONB),
    Column("body_digest", LargeBinary, nullable=False),
    Column("person_id", Text),
    Column("sealed", LargeBinary),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_digest", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("scopes", ARRAY(Text)),
    Column("expires_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    Column("rotated_at", DateTime(timezone=True)),
    Column("rotations", Integer, nullable=False),
    Column("previous_digest", LargeBinary),
    Column("previous_expires_at", DateTime(timezone=True)),
    Column("previous_used_at", DateTime(timezone=True)),
)

ingest_workers = Table(
    "ingest_workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("capacity_peers", Integer, nullable=False),
    Column("peers", Integer, nullable=False),
    Column("load", Double, nullable=False),
    Column("heartbeat_at", DateTime(timezone=True), nullable=False),
    Column("draining", Boolean, nullable=False),
)
