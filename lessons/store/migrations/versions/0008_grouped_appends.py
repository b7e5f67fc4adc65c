"""Appending for several at once: what arrives together is written in one transaction."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The ordinary appends of one tenant that came together, in one statement. Like `append_events` it
# runs with its caller's rights, tells nobody, and keeps to one plan. Each member is judged for
# itself: one that is out of the ordinary comes back without a number, nothing of it is written, and
# the others are. It waits for nobody: a lesson that somebody else is writing to is passed over
# together with its members, who are missing from the answer. So nobody in the group is held up by
# another's lesson, and two groups cannot lock each other out.
#
# Ids are looked for by a statement that begins once the lessons are locked: whatever others
# committed before is seen. They are looked for one by one on purpose: estimates know nothing of
# what `jsonb_to_recordset` returns, and a join might read every partition.
#
# `members`: number, lesson, amount (of its drafts), subjects (must be in the lesson), purposes (for
# which somebody's consent counts), at. `drafts`: as of `append_events`, and the number of their
# member as `member`.
APPEND_GROUP = """
CREATE FUNCTION append_group(tenant text, members jsonb, drafts jsonb)
RETURNS TABLE (member integer, first_sequence bigint, started_at timestamptz)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    locked text[];
    required jsonb;
BEGIN
    PERFORM set_config('lectern.tenant', tenant, true);
    locked := ARRAY(
        SELECT own.id FROM lessons AS own
        WHERE own.tenant_id = tenant AND own.id = ANY (ARRAY(
            SELECT given ->> 'lesson' FROM jsonb_array_elements(members) AS given))
        ORDER BY own.id FOR NO KEY UPDATE SKIP LOCKED);
    required := (
        SELECT node.effective #> '{consent,required_purposes}' FROM tenants AS node
        WHERE node.id = tenant);
    RETURN QUERY WITH asked AS MATERIALIZED (
        SELECT given.*, own.day, own.started_at, own.course_id, own.last_sequence,
            cardinality(given.subjects) = (
                SELECT count(*) FROM participants AS present
                WHERE present.tenant_id = tenant AND present.id = ANY (given.subjects)
                    AND present.lesson_id = given.lesson)
            AND (cardinality(given.purposes) = 0
                OR (own.consent_basis IS NOT NULL
                    OR (required ?| given.purposes) IS NOT TRUE)
                AND (
                    SELECT count(*) FROM participants AS present
                    JOIN consent_decisions AS decision ON decision.tenant_id = tenant
                        AND decision.person_id = present.person_id
                        AND decision.purpose = ANY (given.purposes) AND NOT decision.granted
                    WHERE present.tenant_id = tenant AND present.id = ANY (given.subjects)) = 0
            ) AS may
        FROM jsonb_to_recordset(members) AS given (
            number integer, lesson text, amount integer, subjects text[], purposes text[],
            at timestamptz)
        JOIN lessons AS own ON own.tenant_id = tenant AND own.id = given.lesson
            AND own.id = ANY (locked)
    ), draft AS MATERIALIZED (
        SELECT given.*,
            row_number() OVER (
                PARTITION BY asked.lesson, given.event_id ORDER BY given.member, given.number
            ) > 1 OR (
                SELECT count(*) FROM learning_events AS stored
                WHERE stored.lesson_day = asked.day AND stored.lesson_id = asked.lesson
                    AND stored.event_id = given.event_id) > 0 AS known
        FROM jsonb_to_recordset(drafts) AS given (
            member integer, number integer, event_id text, type text, version integer, subject text,
            occurred_at timestamptz, lesson_time_ms bigint, data jsonb, body_digest text,
            person_id text, sealed text)
        JOIN asked ON asked.number = given.member
    ), placed AS MATERIALIZED (
        SELECT asked.*, asked.last_sequence + 1 - asked.amount
            + sum(asked.amount) OVER (PARTITION BY asked.lesson ORDER BY asked.number)::bigint
            AS first
        FROM asked
        WHERE asked.may AND asked.number NOT IN (SELECT draft.member FROM draft WHERE draft.known)
    ), stored AS (
        INSERT INTO learning_events (
            lesson_day, lesson_id, sequence, tenant_id, event_id, type, version, subject,
            occurred_at, lesson_time_ms, data, body_digest, person_id, sealed)
        SELECT placed.day, placed.lesson, placed.first - 1 + draft.number, tenant, draft.event_id,
            draft.type, draft.version, draft.subject, draft.occurred_at,
            coalesce(draft.lesson_time_ms, greatest(0, floor(1000 * extract(
                epoch FROM placed.at - coalesce(placed.started_at, placed.at)))::bigint)),
            draft.data, decode(draft.body_digest, 'hex'), draft.person_id,
            decode(draft.sealed, 'base64')
        FROM placed JOIN draft ON draft.member = placed.number
    ), grown AS MATERIALIZED (
        SELECT placed.lesson, placed.day, placed.course_id, min(placed.first) AS first,
            max(placed.first + placed.amount - 1) AS last
        FROM placed GROUP BY placed.lesson, placed.day, placed.course_id
    ), counted AS (
        UPDATE lessons AS own SET last_sequence = grown.last FROM grown
        WHERE own.tenant_id = tenant AND own.id = grown.lesson AND own.id = ANY (locked)
    ), committed AS (
        INSERT INTO ledger_commits (
            tenant_id, lesson_id, lesson_day, course_id, first_sequence, last_sequence)
        SELECT tenant, grown.lesson, grown.day, grown.course_id, grown.first, grown.last FROM grown
    )
    SELECT asked.number, placed.first, asked.started_at
    FROM asked LEFT JOIN placed ON placed.number = asked.number;
END $$;
"""


def upgrade() -> None:
    """Make the function."""
    op.execute(APPEND_GROUP)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP FUNCTION append_group")
