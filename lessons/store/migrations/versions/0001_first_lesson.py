"""The first tables: lessons, people, tracks, recordings, keys, workers and the ledger."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lectern_app') THEN
        CREATE ROLE lectern_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of the same server made it at the same moment
END $$;
DO $$ BEGIN
    EXECUTE format('GRANT lectern_app TO %I', current_user);
EXCEPTION WHEN insufficient_privilege THEN
    NULL;  -- an administrator made the role, and granted it or not: connecting will tell
END $$;
"""

TABLES = """
CREATE TABLE lessons (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL,
    title text NOT NULL,
    status text NOT NULL CHECK (status IN ('scheduled', 'live', 'ended')),
    created_at timestamptz NOT NULL,
    day date NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    language text NOT NULL,
    vocabulary text[] NOT NULL,
    consent_basis text,
    sample boolean NOT NULL,
    last_sequence bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);  -- every append updates last_sequence in place
CREATE INDEX lessons_newest ON lessons (tenant_id, created_at DESC, id DESC);

CREATE TABLE participants (
    tenant_id text NOT NULL,
    id text NOT NULL,
    lesson_id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    external_id text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, lesson_id) REFERENCES lessons
);
CREATE INDEX participants_of_lesson ON participants (tenant_id, lesson_id);
CREATE UNIQUE INDEX participants_external ON participants (tenant_id, lesson_id, external_id)
    WHERE external_id IS NOT NULL;

CREATE TABLE tracks (
    tenant_id text NOT NULL,
    id text NOT NULL,
    lesson_id text NOT NULL,
    participant_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('audio', 'video')),
    source text NOT NULL CHECK (source IN ('live', 'recording')),
    worker_id text,
    muted boolean NOT NULL,
    published_at_ms bigint NOT NULL,
    ended_at_ms bigint,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, lesson_id) REFERENCES lessons,
    FOREIGN KEY (tenant_id, participant_id) REFERENCES participants
);
CREATE INDEX tracks_of_lesson ON tracks (tenant_id, lesson_id);
CREATE INDEX tracks_of_worker ON tracks (worker_id) WHERE ended_at_ms IS NULL;
CREATE UNIQUE INDEX tracks_taken ON tracks (tenant_id, lesson_id, participant_id, kind)
    WHERE ended_at_ms IS NULL AND source = 'live';

CREATE TABLE recordings (
    tenant_id text NOT NULL,
    id text NOT NULL,
    lesson_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'processing', 'done', 'failed')),
    progress double precision NOT NULL CHECK (progress BETWEEN 0 AND 1),
    duration_ms bigint,
    error text,
    files jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, lesson_id) REFERENCES lessons
);
CREATE INDEX recordings_of_lesson ON recordings (tenant_id, lesson_id);

CREATE TABLE api_keys (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL UNIQUE,
    name text NOT NULL,
    secret_digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE ingest_workers (
    id text PRIMARY KEY,
    url text NOT NULL,
    capacity_peers integer NOT NULL,
    peers integer NOT NULL,
    load double precision NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    draining boolean NOT NULL
);

-- lesson_day is the lesson's creation day: all of a lesson lies in one partition, so that the two
-- keys hold for the whole lesson and not just for one month of it.
CREATE TABLE learning_events (
    lesson_day date NOT NULL,
    lesson_id text NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    tenant_id text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    version integer NOT NULL,
    subject text,
    occurred_at timestamptz NOT NULL,
    lesson_time_ms bigint NOT NULL CHECK (lesson_time_ms >= 0),
    data jsonb NOT NULL,
    body_digest bytea NOT NULL,
    PRIMARY KEY (lesson_day, lesson_id, sequence),
    UNIQUE (lesson_day, lesson_id, event_id)
) PARTITION BY RANGE (lesson_day);
"""

TENANT = "nullif(current_setting('lectern.tenant', true), '')"
TENANT_TABLES = ("lessons", "participants", "tracks", "recordings", "api_keys", "learning_events")

GRANTS = """
GRANT USAGE ON SCHEMA public TO lectern_app;
GRANT SELECT, INSERT, UPDATE ON lessons, participants, tracks, recordings, api_keys TO lectern_app;
GRANT SELECT, INSERT ON learning_events TO lectern_app;  -- events are immutable
GRANT SELECT, INSERT, UPDATE, DELETE ON ingest_workers TO lectern_app;
"""

# Two look-ups happen before the tenant is known: whose key this is, and whose tracks a dead worker
# held. Each shows only the rows that the asker names, and only to SELECT.
NARROW_LOOKUPS = """
CREATE POLICY presented_key ON api_keys FOR SELECT
    USING (id = nullif(current_setting('lectern.api_key', true), ''));
CREATE POLICY named_worker ON tracks FOR SELECT
    USING (worker_id = nullif(current_setting('lectern.worker', true), ''));
"""


def upgrade() -> None:
    """Make the tables, their partition for the unforeseen, the role and its row-level security."""
    op.execute(ROLE)
    op.execute(TABLES)
    for table in TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_tenant ON {table} "
            f"USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
        )
    op.execute(NARROW_LOOKUPS)
    op.execute(GRANTS)


def downgrade() -> None:
    """Drop the tables; the role stays, other databases of the server may use it."""
    for table in (*reversed(TENANT_TABLES), "ingest_workers"):
        op.execute(f"DROP TABLE {table}")
