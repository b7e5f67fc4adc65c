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


def upgrade() -> None:
    """Make the tables and their row-level security."""
    op.execute(SUBJECT_KEYS)
    op.execute(SEALED_BODIES)
    protect("subject_keys")


def downgrade() -> None:
    """Drop the tables; sealed bodies cannot be read any more and go with them."""
    op.execute("ALTER TABLE learning_events NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM learning_events WHERE sealed IS NOT NULL")
    op.execute("ALTER TABLE learning_events FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE learning_events DROP COLUMN sealed, DROP COLUMN person_id")
    op.execute("ALTER TABLE learning_events ALTER COLUMN data SET NOT NULL")
    op.execute("DROP TABLE subject_keys")
