"""Appending, and what every request asks first, in one round trip each."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The whole of an ordinary append in one statement. It runs with its caller's rights, so row-level
# security holds in it. Whatever is out of the ordinary (no such lesson, an id that is there
# already, a subject who is nobody, a consent to weigh) it refuses as a whole, and the caller looks
# closer. One plan serves every lesson: with a plan for each, planning over all partitions would
# cost more than the insert. It tells nobody: a NOTIFY would hold a lock of the whole database until
# the disk has answered. `subjects` must be in the lesson; `purposes` are those for which somebody's
# consent counts.
APPEND = """
CREATE FUNCTION append_events(
    tenant text, lesson text, drafts jsonb, amount integer, subjects text[], purposes text[],
    at timestamptz
) RETURNS TABLE (first_sequence bigint, started_at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    place record;
    written integer;
BEGIN
    PERFORM set_config('lectern.tenant', tenant, true);
    UPDATE lessons AS own SET last_sequence = own.last_sequence + amount
        WHERE own.tenant_id = tenant AND own.id = lesson
        RETURNING own.day, own.started_at, own.course_id, own.consent_basis,
            own.last_sequence AS last INTO place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such lesson';
    END IF;
    IF EXISTS (
        SELECT FROM unnest(subjects) AS subject WHERE NOT EXISTS (
            SELECT FROM participants AS present
            WHERE present.tenant_id = tenant AND present.lesson_id = lesson
                AND present.id = subject)
    ) THEN
        RAISE EXCEPTION 'a subject is nobody in the lesson';
    END IF;
    IF cardinality(purposes) > 0 AND (
        place.consent_basis IS NULL AND EXISTS (
            SELECT FROM tenants AS node WHERE node.id = tenant
                AND node.effective #> '{consent,required_purposes}' ?| purposes)
        OR EXISTS (
            SELECT FROM participants AS present
            JOIN consent_decisions AS decision ON decision.tenant_id = tenant
                AND decision.person_id = present.person_id
                AND decision.purpose = ANY (purposes) AND NOT decision.granted
            WHERE present.tenant_id = tenant AND present.id = ANY (subjects))
    ) THEN
        RAISE EXCEPTION 'consent has to be looked at';
    END IF;
    INSERT INTO learning_events (
        lesson_day, lesson_id, sequence, tenant_id, event_id, type, version, subject,
        occurred_at, lesson_time_ms, data, body_digest, person_id, sealed)
    SELECT place.day, lesson, place.last - amount + draft.number, tenant, draft.event_id,
        draft.type, draft.version, draft.subject, draft.occurred_at,
        coalesce(draft.lesson_time_ms, greatest(0, floor(
            1000 * extract(epoch FROM at - coalesce(place.started_at, at)))::bigint)),
        draft.data, decode(draft.body_digest, 'hex'), draft.person_id,
        decode(draft.sealed, 'base64')
    FROM jsonb_to_recordset(drafts) AS draft (
        number integer, event_id text, type text, version integer, subject text,
        occurred_at timestamptz, lesson_time_ms bigint, data jsonb, body_digest text,
        person_id text, sealed text)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> amount THEN
        RAISE EXCEPTION 'an id is there already';
    END IF;
    INSERT INTO ledger_commits (
        tenant_id, lesson_id, lesson_day, course_id, first_sequence, last_sequence)
    VALUES (tenant, lesson, place.day, place.course_id, place.last - amount + 1, place.last);
    RETURN QUERY SELECT place.last - amount + 1, place.started_at;
END $$;
"""

# What every request asks before all else, each in one round trip. They too run with their caller's
# rights, so they show what row-level security shows.
LOOKUPS = """
CREATE FUNCTION presented_api_key(key_id text) RETURNS SETOF api_keys
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('lectern.api_key', key_id, true);
    RETURN QUERY SELECT * FROM api_keys WHERE id = key_id;
END $$;

CREATE FUNCTION lesson_of(tenant text, lesson text) RETURNS SETOF lessons
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('lectern.tenant', tenant, true);
    RETURN QUERY SELECT * FROM lessons WHERE tenant_id = tenant AND id = lesson;
END $$;
"""


def upgrade() -> None:
    """Make the functions."""
    op.execute(APPEND)
    op.execute(LOOKUPS)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP FUNCTION lesson_of")
    op.execute("DROP FUNCTION presented_api_key")
    op.execute("DROP FUNCTION append_events")
