"""Where a lesson's captions are sent to, and how far that has come."""

from alembic import op

from lessons.store.migrations.protection import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# `read_sequence` is the last event whose lines are all sent, `lines_sent` those of the next one.
# `next_number` is what the next line is sent under, NULL where the receiver has to be asked;
# `in_flight` says that a line went out under it and nobody knows yet whether it arrived.
OUTPUTS = """
CREATE TABLE caption_outputs (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    lesson_id text NOT NULL,
    kind text NOT NULL CHECK (kind = 'zoom'),
    host text NOT NULL,
    sealed_url text NOT NULL,
    language text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'stopped')),
    read_sequence bigint NOT NULL,
    lines_sent integer NOT NULL DEFAULT 0,
    next_number bigint,
    in_flight boolean NOT NULL DEFAULT false,
    sent bigint NOT NULL DEFAULT 0,
    failed_attempts integer NOT NULL DEFAULT 0,
    last_error text,
    last_error_at timestamptz,
    last_sent_at timestamptz,
    put_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, lesson_id, kind),
    CHECK (next_number IS NOT NULL OR NOT in_flight)
) WITH (fillfactor = 70);
"""


def upgrade() -> None:
    """Make the table and its row-level security."""
    op.execute(OUTPUTS)
    protect("caption_outputs", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE caption_outputs")
