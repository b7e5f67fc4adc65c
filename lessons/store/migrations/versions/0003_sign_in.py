"""Scoped and rotating keys, revoked tokens, signed-in people."""

from alembic import op

from lessons.store.migrations.protection import protect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

API_KEYS = """
ALTER TABLE api_keys
    ADD COLUMN scopes text[],
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN rotated_at timestamptz,
    ADD COLUMN rotations integer NOT NULL DEFAULT 0,
    ADD COLUMN previous_digest bytea,
    ADD COLUMN previous_expires_at timestamptz,
    ADD COLUMN previous_used_at timestamptz,
    ADD CHECK ((previous_digest IS NULL) = (previous_expires_at IS NULL));
"""

TABLES = """
-- A participant's tokens carry the generation in which they were minted; one that is behind this
-- row is revoked. No row: nothing was ever revoked.
CREATE TABLE token_generations (
    tenant_id text NOT NULL,
    participant_id text NOT NULL,
    generation integer NOT NULL CHECK (generation > 0),
    revoked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, participant_id),
    FOREIGN KEY (tenant_id, participant_id) REFERENCES participants
);

CREATE TABLE identities (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    issuer text NOT NULL,
    subject text NOT NULL,
    person_id text NOT NULL,
    created_at timestamptz NOT NULL,
    signed_in_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, issuer, subject),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people
);
CREATE INDEX identities_of_person ON identities (tenant_id, person_id);

CREATE TABLE sign_ins (
    tenant_id text NOT NULL CHECK (tenant_id <> ''),
    id text NOT NULL,
    person_id text NOT NULL,
    secret_digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES people
);
CREATE INDEX sign_ins_of_person ON sign_ins (tenant_id, person_id);
CREATE INDEX people_email ON people (tenant_id, lower(email)) WHERE email IS NOT NULL;
"""


def upgrade() -> None:
    """Give keys scopes, an end and a second secret; make the tables of tokens and sign-ins."""
    op.execute(API_KEYS)
    op.execute(TABLES)
    protect("token_generations")
    protect("identities", "SELECT, INSERT, UPDATE, DELETE")
    protect("sign_ins", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    """Drop the tables and what keys had gained."""
    op.execute("DROP INDEX people_email")
    for table in ("sign_ins", "identities", "token_generations"):
        op.execute(f"DROP TABLE {table}")
    op.execute(
        "ALTER TABLE api_keys DROP COLUMN scopes, DROP COLUMN expires_at, "
        "DROP COLUMN last_used_at, DROP COLUMN rotated_at, DROP COLUMN rotations, "
        "DROP COLUMN previous_digest, DROP COLUMN previous_expires_at, DROP COLUMN previous_used_at"
    )
