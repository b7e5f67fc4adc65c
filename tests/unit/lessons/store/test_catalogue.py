"""Nothing that the application can touch escapes row-level security, by PostgreSQL's catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from lessons.store import APP_ROLE
from lessons.store.tables import metadata
from serving.jobs.queue import migrate_jobs
from tests.unit.lessons.store.catalogue import NARROW_POLICIES, WITHOUT_TENANT, Catalogue, Finding


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection, with the job tables there too; what a test does is rolled back."""
    migrate_jobs(database_url)
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def catalogue(owner: psycopg.Connection[Any]) -> Catalogue:
    return Catalogue(owner, APP_ROLE)


@pytest.mark.parametrize("role", [APP_ROLE, "lectern_retention"])
def test_nothing_escapes(owner: psycopg.Connection[Any], role: str) -> None:
    assert Catalogue(owner, role).findings() == []


def test_there_is_no_other_role_to_look_at(owner: psycopg.Connection[Any]) -> None:
    rows = owner.execute(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'lectern%' ORDER BY rolname"
    ).fetchall()
    assert rows == [("lectern_app",), ("lectern_retention",)]


def test_every_table_that_the_code_names_is_looked_at(catalogue: Catalogue) -> None:
    assert set(metadata.tables) - WITHOUT_TENANT <= set(catalogue.tables())


def test_the_job_tables_are_out_of_reach(catalogue: Catalogue) -> None:
    assert not [name for name in catalogue.tables() if name.startswith("procrastinate")]


def test_every_narrow_policy_named_here_exists(owner: psycopg.Connection[Any]) -> None:
    rows = owner.execute("SELECT polrelid::regclass::text, polname FROM pg_policy").fetchall()
    assert set(NARROW_POLICIES) <= set(rows)


ESCAPES = {
    "a table without security": (
        "CREATE TABLE planted (tenant_id text NOT NULL); GRANT SELECT ON planted TO lectern_app",
        Finding("planted", "a table does not force row-level security"),
    ),
    "a table whose owner is not bound": (
        "CREATE TABLE planted (tenant_id text NOT NULL); "
        "ALTER TABLE planted ENABLE ROW LEVEL SECURITY; GRANT SELECT ON planted TO lectern_app",
        Finding("planted", "a table does not force row-level security"),
    ),
    "one column granted": (
        "CREATE TABLE planted (tenant_id text NOT NULL, a int); "
        "GRANT SELECT (a) ON planted TO lectern_app",
        Finding("planted", "a table does not force row-level security"),
    ),
    "a table for everybody": (
        "CREATE TABLE planted (tenant_id text NOT NULL); GRANT SELECT ON planted TO PUBLIC",
        Finding("planted", "a table does not force row-level security"),
    ),
    "a table of no tenant": (
        "CREATE TABLE planted (tenant_id text); ALTER TABLE planted ENABLE ROW LEVEL SECURITY;"
        "ALTER TABLE planted FORCE ROW LEVEL SECURITY; GRANT SELECT ON planted TO lectern_app",
        Finding("planted", "a table has no tenant_id that is NOT NULL"),
    ),
    "a view": (
        "CREATE VIEW planted AS SELECT * FROM lessons; GRANT SELECT ON planted TO lectern_app",
        Finding("planted", "a view reads with its owner's rights"),
    ),
    "a materialized view": (
        "CREATE MATERIALIZED VIEW planted AS SELECT * FROM lessons; "
        "GRANT SELECT ON planted TO lectern_app",
        Finding("planted", "the role can read what no policy can be put on"),
    ),
    "a function of the owner": (
        "CREATE FUNCTION planted() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT count(*) FROM lessons'",
        Finding("planted", "a function runs with its owner's rights"),
    ),
    "a policy for everything": (
        "CREATE POLICY planted ON lessons FOR SELECT USING (true)",
        Finding("lessons", "the policy planted shows more than the tenant's own rows"),
    ),
    "a policy that lets everything be written": (
        "CREATE POLICY planted ON lessons FOR INSERT WITH CHECK (true)",
        Finding("lessons", "the policy planted shows more than the tenant's own rows"),
    ),
    "a partition": (
        "GRANT SELECT ON learning_events_default TO lectern_app",
        Finding("learning_events_default", "a partition can be reached around its parent"),
    ),
    "a partition without security": (
        "CREATE TABLE planted PARTITION OF learning_events FOR VALUES FROM ('2099-01-01')"
        " TO ('2099-02-01')",
        Finding("planted", "a partition does not force row-level security"),
    ),
    "a sequence": (
        "CREATE SEQUENCE planted; GRANT SELECT ON planted TO lectern_app",
        Finding("planted", "a sequence tells or takes how much all tenants write"),
    ),
    "the right to empty a table": (
        "GRANT TRUNCATE ON lessons TO lectern_app",
        Finding("lessons", "the role has TRUNCATE, which no policy binds"),
    ),
    "a key across tenants": (
        "CREATE UNIQUE INDEX planted ON lessons (id, title)",
        Finding("lessons", "a unique key tells that another tenant has a value"),
    ),
    "a foreign key across tenants": (
        "ALTER TABLE lessons ADD COLUMN planted text REFERENCES tenants (id)",
        Finding("lessons", "a foreign key finds other tenants' tenants"),
    ),
    "a strong role": (
        "ALTER ROLE lectern_app BYPASSRLS",
        Finding("lectern_app", "the role is stronger than row-level security"),
    ),
    "a role in another": (
        "GRANT pg_read_all_data TO lectern_app",
        Finding("pg_read_all_data", "the role is a member of another role"),
    ),
    "objects of its own": (
        "GRANT CREATE ON SCHEMA public TO lectern_app",
        Finding("public", "the role can make objects of its own"),
    ),
    "what comes later": (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO lectern_app",
        Finding("r", "whatever is made later is granted by default"),
    ),
    "the job tables": (
        "GRANT SELECT ON procrastinate_jobs TO lectern_app",
        Finding("procrastinate_jobs", "a table does not force row-level security"),
    ),
}


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_planted_escape_is_found(
    owner: psycopg.Connection[Any], catalogue: Catalogue, escape: str
) -> None:
    statement, finding = ESCAPES[escape]
    owner.execute(statement.encode())
    assert finding in catalogue.findings()
