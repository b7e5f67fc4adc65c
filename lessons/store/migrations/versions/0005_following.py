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
-- Rows lie in the order of their times, so that this small index serves replays by time.
CREATE INDEX ledger_commits_by_time ON ledger_commits USING brin (committed_at);

-- How far those who follow all tenants at once have come.
CREATE TABLE follower_marks (
    follower text PRIMARY KEY,
    transaction_id bigint NOT NULL
);
"""

# A lane is the way of one lesson's events to one webhook, in order. The ledger itself is the
# outbox: what waits is counted here and stored nowhere else, so that erasure and retention reach
# it. A lane with a replay's id sends a part of a lesson again.
WEBHOOKS = """
CREATE TABLE webhooks (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    event_types text[],
    course_id text,
    contact_email text,
    status text NOT NULL CHECK (status IN ('enabled', 'disabled')),
    disabled_reason text,
    disabled_at timestamptz,
    failing_since timestamptz,
    last_success_at timestamptz,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_secret_until timestamptz,
    read_transaction_id bigint NOT NULL,
    read_position bigint NOT NULL,
    told_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE webhook_lanes (
    tenant_id text NOT NULL,
    webhook_id text NOT NULL,
    replay_id text NOT NULL,
    lesson_id text NOT NULL,
    delivered_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    failed_attempts integer NOT NULL DEFAULT 0,
    failed_at timestamptz,
    due_at timestamptz,
    PRIMARY KEY (tenant_id, webhook_id, replay_id, lesson_id),
    FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX webhook_lanes_due ON webhook_lanes (tenant_id, webhook_id, due_at)
    WHERE due_at IS NOT NULL;

CREATE TABLE webhook_deliveries (
    tenant_id text NOT NULL,
    webhook_id text NOT NULL,
    id text NOT NULL,
    lesson_id text NOT NULL,
    sequence bigint NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    status text NOT NULL CHECK (status IN ('delivered', 'retrying', 'failed')),
    attempts jsonb NOT NULL,
    last_attempt_at timestamptz NOT NULL,
    next_attempt_at timestamptz,
    PRIMARY KEY (tenant_id, webhook_id, id),
    FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_newest
    ON webhook_deliveries (tenant_id, webhook_id, last_attempt_at DESC, id DESC);
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
    op.execute("GRANT SELECT, INSERT, UPDATE ON follower_marks TO lectern_app")
    op.execute(WEBHOOKS)
    for table in ("webhooks", "webhook_lanes", "webhook_deliveries"):
        protect(table, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "webhook_deliveries",
        "webhook_lanes",
        "webhooks",
        "follower_marks",
        "ledger_commits",
    ):
        op.execute(f"DROP TABLE {table}")
