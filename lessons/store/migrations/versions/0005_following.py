"""What committed, in an order that a cursor can follow; webhooks."""

from alembic import op

from lessons.store.migrations.protection import protect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# One row for each append, written by the statement that appends. Transactions commit in another
# order than that of their numbers, so a reader takes only rows of transactions older than every one
# that still runs: what it has read up to then can never be added to.
COMMITS = """
CREATE TABLE ledger_commits (
    tenant_id text NOT NULL,
    transaction_id bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
    position bigint GENERATED ALWAYS AS IDENTITY,
    lesson_id text NOT NULL,
    lesson_day date NOT NULL,
    course_id text,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL CHECK (last_sequence >= first_sequence),
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, transaction_id, position)
);
CREATE INDEX ledger_commits_of_course
    ON ledger_commits (tenant_id, course_id, transaction_id, position) WHERE course_id IS NOT NULL;
CREATE INDEX ledger_commits_newest ON ledger_commits (transaction_id);
"""

# Who relays to webhooks has to know which tenants have news before it can be any of them. It sees
# the commits past the transaction that it names, without a word of what was committed.
NARROW_LOOKUP = """
CREATE POLICY news ON ledger_commits FOR SELECT
    USING (transaction_id >= nullif(current_setting('lectern.news_after', true), '')::bigint);
"""


def upgrade() -> None:
    """Make the tables and their row-level security."""
    op.execute(COMMITS)
    protect("ledger_commits", "SELECT, INSERT, DELETE")
    op.execute(NARROW_LOOKUP)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("DROP TABLE ledger_commits")
