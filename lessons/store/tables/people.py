"""The tables of tenants, of the people in them, and of what they are to each other."""

from __future__ import annotations

from sqlalchemy import Column, Date, DateTime, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from lessons.store.tables.core import metadata

tenants = Table(
    "tenants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent_id", Text),
    Column("path", ARRAY(Text), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("inherited", JSONB(none_as_null=True)),
    Column("effective", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

domains = Table(
    "domains",
    metadata,
    Column("host", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("external_id", Text),
    Column("email", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("erased_at", DateTime(timezone=True)),
)

role_assignments = Table(
    "role_assignments",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("course_id", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
)

guardianships = Table(
    "guardianships",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("guardian_id", Text, primary_key=True),
    Column("child_id", Text, primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
)

contracts = Table(
    "contracts",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("client_person_id", Text),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
