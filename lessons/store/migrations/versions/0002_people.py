"""Tenants as a tree, the people in them, their roles, guardians, contracts and domains."""

from alembic import op

from lessons.store.migrations.protection import TENANT, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE tenants (
    id text PRIMARY KEY CHECK (id <> ''),
    parent_id text REFERENCES tenants,
    path text[] NOT NULL CHECK (path[cardinality(path)] = id),
    name text NOT NULL,
    kind text NOT NULL,
    settings jsonb NOT NULL,
    inherited jsonb,
    effective jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX tenants_below ON tenants USING gin (path);

CREATE INDEX lessons_started ON lessons (tenant_id, started_at) WHERE started_at IS NOT NULL;

CREATE TABLE domains (
    host text PRIMARY KEY CHECK (host = lower(host)),
    tenant_id text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX domains_of_tenant ON domains (tenant_id);

CREATE TABLE people (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL,
    name text NOT NULL,
    external_id text,
    email text,
    created_at timestamptz NOT NULL,
    erased_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX people_external ON people (tenant_id, external_id)
    WHERE external_id IS NOT NULL;

CREATE TABLE role_assignments (
    tenant_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    role text NOT NULL,
    course_id text,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people
);
CREATE INDEX role_assignments_of_person ON role_assignments (tenant_id, person_id);

CREATE TABLE guardianships (
    tenant_id text NOT NULL,
    guardian_id text NOT NULL,
    child_id text NOT NULL CHECK (child_id <> guardian_id),
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, guardian_id, child_id),
    FOREIGN KEY (tenant_id, guardian_id) REFERENCES people,
    FOREIGN KEY (tenant_id, child_id) REFERENCES people
);
CREATE INDEX guardianships_of_child ON guardianships (tenant_id, child_id);

CREATE TABLE contracts (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL,
    title text NOT NULL,
    client_person_id text,
    purposes text[] NOT NULL,
    valid_from date NOT NULL,
    valid_until date CHECK (valid_until >= valid_from),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_person_id) REFERENCES people
);
"""

# Everybody who is in a lesson already becomes a person; who has the platform's own name for them is
# one person across lessons. Row-level security would hide the rows from an owner that is no
# superuser.
PERSONS_OF_PARTICIPANTS = """
ALTER TABLE participants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE participants ADD COLUMN person_id text;
INSERT INTO people (tenant_id, id, name, external_id, created_at)
    SELECT DISTINCT ON (tenant_id, coalesce(external_id, id))
        tenant_id, 'per_' || substr(id, 5), name, external_id, created_at
    FROM participants ORDER BY tenant_id, coalesce(external_id, id), created_at;
UPDATE participants SET person_id = people.id FROM people
    WHERE people.tenant_id = participants.tenant_id
    AND (people.external_id = participants.external_id
        OR participants.external_id IS NULL
        AND people.id = 'per_' || substr(participants.id, 5));
ALTER TABLE participants ALTER COLUMN person_id SET NOT NULL;
ALTER TABLE participants ADD FOREIGN KEY (tenant_id, person_id) REFERENCES people;
CREATE INDEX participants_of_person ON participants (tenant_id, person_id);
ALTER TABLE participants FORCE ROW LEVEL SECURITY;
"""

# Whose address this is has to be known before any tenant is.
ASKED_HOST = """
CREATE POLICY asked_host ON domains FOR SELECT
    USING (host = nullif(current_setting('lectern.host', true), ''));
"""


def upgrade() -> None:
    """Make the tables, a person for every participant, and their row-level security."""
    op.execute(TABLES)
    op.execute(PERSONS_OF_PARTICIPANTS)
    protect("tenants", own=f"path @> ARRAY[{TENANT}]")
    protect("domains", "SELECT, INSERT, DELETE")
    for table in ("people", "role_assignments", "guardianships", "contracts"):
        protect(table)
    op.execute(ASKED_HOST)


def downgrade() -> None:
    """Drop the tables and the participants' persons."""
    op.execute("DROP INDEX lessons_started")
    op.execute("ALTER TABLE participants DROP COLUMN person_id")
    for table in (
        "contracts",
        "guardianships",
        "role_assignments",
        "people",
        "domains",
        "tenants",
    ):
        op.execute(f"DROP TABLE {table}")
