"""Years of other lessons for a tenant, written by the superuser in bulk: rows, not events.

The rows have the shape of real ones, sealed bodies included, which nobody will open: what is asked
for afterwards are the real lessons among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, LiteralString

import psycopg
from sqlalchemy import create_engine

from lessons.store.database import sqlalchemy_url
from lessons.store.partitions import make_partitions

EVENTS_PER_LESSON = 1_000
EVENTS_PER_COMMIT = 5
LEARNERS_PER_LESSON = 8
LESSONS_AT_A_TIME = 200
YEARS = 3

# Lessons lie evenly over the past years; n is a lesson's number.
_LESSONS = """
CREATE TEMPORARY TABLE new_lessons ON COMMIT DROP AS
SELECT n, 'les_history_' || right(%(tenant)s, 26) || '_' || n AS id,
    now() - interval '2 days' - (n * 7919 %% 1093) * interval '1 day' AS at
FROM generate_series(%(first)s::integer, %(last)s) AS n;
"""
_FILL: Mapping[str, LiteralString] = MappingProxyType(
    {
        "courses": """
            INSERT INTO courses (tenant_id, id, title, created_at)
            SELECT %(tenant)s, 'crs_history_' || c, 'History', now()
            FROM generate_series(0, 98) AS c
            ON CONFLICT DO NOTHING
        """,
        "lessons": """
            INSERT INTO lessons (tenant_id, id, title, status, created_at, day, started_at,
                ended_at, language, vocabulary, sample, last_sequence, course_id)
            SELECT %(tenant)s, id, 'History ' || n, 'ended', at, (at AT TIME ZONE 'UTC')::date,
                at, at + interval '1 hour', 'en', '{}', false, %(events)s, 'crs_history_' || n %% 99
            FROM new_lessons
        """,
        "people": """
            INSERT INTO people (tenant_id, id, name, created_at)
            SELECT %(tenant)s, 'per_history_' || n || '_' || who, 'Learner', at
            FROM new_lessons, generate_series(1, %(learners)s::integer) AS who
        """,
        "participants": """
            INSERT INTO participants (tenant_id, id, lesson_id, person_id, name, role, created_at)
            SELECT %(tenant)s, 'par_history_' || n || '_' || who, id,
                'per_history_' || n || '_' || who, 'Learner', 'learner', at
            FROM new_lessons, generate_series(1, %(learners)s::integer) AS who
        """,
        "learning_events": """
            INSERT INTO learning_events (lesson_day, lesson_id, sequence, tenant_id, event_id,
                type, version, subject, occurred_at, lesson_time_ms, data, body_digest, person_id,
                sealed)
            SELECT (at AT TIME ZONE 'UTC')::date, id, s, %(tenant)s, 'answer-' || s, e.type,
                e.version, 'par_history_' || who, at, s * 1000, e.data, e.body_digest,
                'per_history_' || who, e.sealed
            FROM new_lessons, generate_series(1, %(events)s::integer) AS s
            CROSS JOIN LATERAL (SELECT n || '_' || 1 + s %% %(learners)s::integer AS who) AS learner
            JOIN learning_events AS e ON e.lesson_id = %(template)s
                AND e.sequence = 2 + s %% 90 AND e.sealed IS NOT NULL
        """,
        "ledger_commits": """
            INSERT INTO ledger_commits (tenant_id, transaction_id, lesson_id, lesson_day, course_id,
                first_sequence, last_sequence, committed_at)
            SELECT %(tenant)s, 3, id, (at AT TIME ZONE 'UTC')::date, 'crs_history_' || n %% 99,
                s - %(commit)s + 1, s, at
            FROM new_lessons, generate_series(%(commit)s::integer, %(events)s, %(commit)s) AS s
        """,
        "objective_evidence": """
            INSERT INTO objective_evidence (tenant_id, person_id, objective_id, lesson_id, response,
                kind, outcome, event_id, sequence, occurred_at, lesson_time_ms)
            SELECT %(tenant)s, 'per_history_' || n || '_' || 1 + s %% %(learners)s::integer,
                o.objective_id, id, 'item-' || s, o.kind, o.outcome, 'answer-' || s, s, at, s * 1000
            FROM new_lessons, generate_series(2, %(events)s::integer, 5) AS s
            JOIN (SELECT row_number() OVER () AS r, objective_id, kind, outcome
                FROM objective_evidence WHERE lesson_id = %(template)s) AS o ON o.r = 1 + s %% 20
        """,
    }
)
"""By table, in an order that foreign keys allow."""

FILLED = tuple(_FILL)


def make_past_partitions(url: str, today: date) -> None:
    """Make the partitions that an installation of that age would have."""
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        for years in range(YEARS + 1, 0, -1):
            make_partitions(connection, date(today.year - years, today.month, 1))
    engine.dispose()


def fill(
    owner: psycopg.Connection[Any], tenant_id: str, template_lesson_id: str, first: int, last: int
) -> None:
    """Write the lessons numbered `first` to `last` with a thousand events each, then analyse.

    Args:
        owner: a superuser's connection, in autocommit mode.
        template_lesson_id: a lesson of the tenant whose rows are repeated.
    """
    for start in range(first, last + 1, LESSONS_AT_A_TIME):
        values = {
            "tenant": tenant_id,
            "template": template_lesson_id,
            "first": start,
            "last": min(last, start + LESSONS_AT_A_TIME - 1),
            "events": EVENTS_PER_LESSON,
            "learners": LEARNERS_PER_LESSON,
            "commit": EVENTS_PER_COMMIT,
        }
        with owner.transaction():
            owner.execute(_LESSONS, values)
            for statement in _FILL.values():
                owner.execute(statement, values)
    for table in FILLED:
        owner.execute(f"VACUUM (ANALYZE) {table}".encode())
