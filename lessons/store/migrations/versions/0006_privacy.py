"""Consent, sealed bodies, audit and disclosure."""

from alembic import op

from lessons.store.migrations.protection import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A key that was destroyed leaves its row, which says when: that is the proof of an erasure.
SUBJECT_KEYS = """
CREATE TABLE subject_keys (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    person_id text NOT NULL,
    wrapped_key bytea,
    master_key_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    PRIMARY KEY (tenant_id, person_id),
    CHECK ((wrapped_key IS NULL) = (destroyed_at IS NOT NULL))
);
"""

# An event of somebody's doing has its body sealed under that person's key. Rows from before have
# theirs in the open still.
SEALED_BODIES = """
ALTER TABLE learning_events
    ADD COLUMN person_id text,
    ADD COLUMN sealed bytea,
    ALTER COLUMN data DROP NOT NULL,
    ADD CONSTRAINT learning_events_one_body CHECK ((data IS NULL) <> (sealed IS NULL)),
    ADD CONSTRAINT learning_events_sealed_for CHECK ((sealed IS NULL) = (person_id IS NULL));
"""


# Every decision stays; the newest one that applies holds. Without a lesson it is for all of them.
CONSENTS = """
CREATE TABLE consent_decisions (
    tenant_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    lesson_id text,
    purpose text NOT NULL,
    granted boolean NOT NULL,
    basis text,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    note text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people,
    CHECK (NOT granted OR basis IS NOT NULL)
);
CREATE INDEX consent_decisions_of_person
    ON consent_decisions (tenant_id, person_id, purpose, decided_at DESC, id DESC);
"""

# The head is locked while an entry is added, so that each entry follows on exactly one other.
AUDIT = """
CREATE TABLE audit_entries (
    tenant_id text NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    resource text NOT NULL,
    detail text NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, position)
);
CREATE TABLE audit_heads (
    tenant_id text PRIMARY KEY,
    position bigint NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE audit_checkpoints (
    tenant_id text NOT NULL,
    position bigint NOT NULL,
    hash bytea NOT NULL,
    made_at timestamptz NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (tenant_id, position)
);
"""

# One row for each person whose data was seen: under row-level security only so can an index find
# what was disclosed of one of them.
DISCLOSURES = """
CREATE TABLE disclosures (
    tenant_id text NOT NULL,
    person_id text NOT NULL,
    id text NOT NULL,
    disclosed_at timestamptz NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    purpose text NOT NULL,
    what text NOT NULL,
    lesson_id text,
    PRIMARY KEY (tenant_id, person_id, id)
);
CREATE INDEX disclosures_oldest ON disclosures (tenant_id, disclosed_at);
"""

# Whoever sweeps has to know which tenants hold data before it can be any of them. It sees that a
# tenant is due, and nothing of what it holds.
RETENTION = """
CREATE TABLE data_holders (
    tenant_id text PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT now(),
    swept_on date
);
CREATE POLICY due ON data_holders FOR SELECT USING (
    coalesce(swept_on, '-infinity') < nullif(current_setting('lectern.sweep_on', true), '')::date);
CREATE TABLE retention_marks (
    tenant_id text NOT NULL,
    kind text NOT NULL,
    swept_until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind)
);
CREATE INDEX lessons_over ON lessons (tenant_id, ended_at);
"""

# Events are immutable to the application. Retention and erasure work in a role of their own, which
# row-level security binds as well.
ERASURES = """
CREATE TABLE erasures (
    tenant_id text NOT NULL,
    id text NOT NULL,
    person_id text NOT NULL,
    erased_at timestamptz NOT NULL,
    erased_by text NOT NULL,
    proof jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, person_id)
);
"""

RETENTION_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lectern_retention') THEN
        CREATE ROLE lectern_retention NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of the same server made it at the same moment
END $$;
DO $$ BEGIN
    EXECUTE format('GRANT lectern_retention TO %I', current_user);
    GRANT lectern_app TO lectern_retention;
EXCEPTION WHEN insufficient_privilege THEN
    NULL;  -- an administrator made the role, and granted it or not: sweeping will tell
END $$;
GRANT DELETE ON attendances, disclosures, guardianships, homework, identities, learning_events,
    ledger_commits, mastery_weeks, objective_evidence, objective_records, recordings,
    role_assignments, sign_ins, tracks, webhook_deliveries TO lectern_retention;
GRANT UPDATE (data, sealed, person_id) ON learning_events TO lectern_retention;
"""


def upgrade() -> None:
    """Make the tables and their row-level security."""
    for statements in (
        SUBJECT_KEYS,
        SEALED_BODIES,
        CONSENTS,
        AUDIT,
        DISCLOSURES,
        RETENTION,
        ERASURES,
    ):
        op.execute(statements)
    for table in ("subject_keys", "audit_heads", "data_holders", "retention_marks"):
        protect(table)
    for table in (
        "consent_decisions",
        "audit_entries",
        "audit_checkpoints",
        "disclosures",
        "erasures",
    ):
        protect(table, "SELECT, INSERT")
    op.execute(RETENTION_ROLE)


def downgrade() -> None:
    """Drop the tables; sealed bodies cannot be read any more and go with them."""
    op.execute("DROP INDEX lessons_over")
    for table in (
        "erasures",
        "retention_marks",
        "data_holders",
        "disclosures",
        "audit_checkpoints",
        "audit_heads",
        "audit_entries",
        "consent_decisions",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE learning_events NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM learning_events WHERE sealed IS NOT NULL")
    op.execute("ALTER TABLE learning_events FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE learning_events DROP COLUMN sealed, DROP COLUMN person_id")
    op.execute("ALTER TABLE learning_events ALTER COLUMN data SET NOT NULL")
    op.execute("DROP TABLE subject_keys")
