"""The tables of courses, of objectives, and of each learner's record on them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Double, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from lessons.store.tables.core import metadata

curricula = Table(
    "curricula",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("external_id", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("imported_at", DateTime(timezone=True)),
)

objectives = Table(
    "objectives",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("curriculum_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("external_id", Text),
    Column("kind", Text),
    Column("parent_id", Text),
    Column("position", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("retired_at", DateTime(timezone=True)),
)

objective_prerequisites = Table(
    "objective_prerequisites",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("objective_id", Text, primary_key=True),
    Column("prerequisite_id", Text, primary_key=True),
)

courses = Table(
    "courses",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("curriculum_id", Text),
    Column("external_id", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("archived_at", DateTime(timezone=True)),
)

learning_record_progress = Table(
    "learning_record_progress",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("lesson_id", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("stale", Boolean, nullable=False),
)

learning_record_cursors = Table(
    "learning_record_cursors",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("model_version", Text, nullable=False),
)

attendances = Table(
    "attendances",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("lesson_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
)

objective_evidence = Table(
    "objective_evidence",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("objective_id", Text, primary_key=True),
    Column("lesson_id", Text, primary_key=True),
    Column("response", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("outcome", Double),
    Column("detail", Text),
    Column("event_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("lesson_time_ms", BigInteger, nullable=False),
)

objective_records = Table(
    "objective_records",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("objective_id", Text, primary_key=True),
    Column("covered", Integer, nullable=False),
    Column("covered_at", DateTime(timezone=True)),
    Column("practised", Integer, nullable=False),
    Column("practised_at", DateTime(timezone=True)),
    Column("evidence_for", Integer, nullable=False),
    Column("evidence_against", Integer, nullable=False),
    Column("known", ARRAY(Double), nullable=False),
    Column("weights", ARRAY(Double), nullable=False),
    Column("known_at", DateTime(timezone=True)),
    Column("model_version", Text, nullable=False),
)

mastery_weeks = Table(
    "mastery_weeks",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("objective_id", Text, primary_key=True),
    Column("week", Date, primary_key=True),
    Column("answers", Integer, nullable=False),
    Column("known", ARRAY(Double), nullable=False),
    Column("weights", ARRAY(Double), nullable=False),
    Column("known_at", DateTime(timezone=True), nullable=False),
    Column("model_version", Text, nullable=False),
)

homework = Table(
    "homework",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("homework_id", Text, primary_key=True),
    Column("course_id", Text),
    Column("lesson_id", Text, nullable=False),
    Column("title", Text),
    Column("objective_ids", ARRAY(Text), nullable=False),
    Column("assigned_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("completed_at", DateTime(timezone=True)),
    Column("assigned_event_id", Text),
    Column("completed_event_id", Text),
)
