"""Aggregates of a tenant's lessons by week and course, read for a bounded number of weeks."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text

from lessons.aggregates import Aggregate
from lessons.store.database import Database

# The lessons of those weeks come by their index, what belongs to each by that lesson's keys.
_BY_WEEK = text(
    """
    WITH held AS (
        SELECT id, course_id, started_at, ended_at, date_trunc('week', started_at)::date AS week
        FROM lessons
        WHERE tenant_id = :tenant_id AND started_at >= :first AND started_at < :end
            AND (CAST(:course_id AS text) IS NULL OR course_id = :course_id)
    ), attended AS (
        SELECT week, course_id, count(DISTINCT held.id) AS lessons,
            count(DISTINCT attendances.person_id) AS learners, count(*) AS attendances,
            sum(greatest(0, extract(epoch FROM held.ended_at
                - greatest(attendances.first_seen_at, held.started_at)))) / 60 AS minutes
        FROM held
        JOIN attendances ON attendances.tenant_id = :tenant_id AND attendances.lesson_id = held.id
        WHERE EXISTS (
            SELECT FROM participants
            WHERE participants.tenant_id = :tenant_id AND participants.lesson_id = held.id
                AND participants.person_id = attendances.person_id
                AND participants.role = 'learner')
        GROUP BY week, course_id
    ), answered AS (
        SELECT week, course_id, count(DISTINCT person_id) AS respondents, count(*) AS answers,
            avg(outcome) AS share_correct
        FROM held
        JOIN objective_evidence ON objective_evidence.tenant_id = :tenant_id
            AND objective_evidence.lesson_id = held.id AND objective_evidence.kind = 'answer'
        WHERE outcome IS NOT NULL
        GROUP BY week, course_id
    )
    SELECT attended.*, respondents, answers, share_correct
    FROM attended LEFT JOIN answered ON answered.week = attended.week
        AND answered.course_id IS NOT DISTINCT FROM attended.course_id
    ORDER BY week, course_id
    """
)


class AggregateStore:
    """Counts by week and course. What it returns is not yet rid of small groups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_week(
        self, tenant_id: str, first: date, end: date, course_id: str | None = None
    ) -> list[Aggregate]:
        """Return the numbers of the lessons that started in these weeks, oldest first.

        Args:
            first, end: Mondays; the second is not included.
            course_id: only this course; None means all.
        """
        values: dict[str, Any] = {
            "tenant_id": tenant_id,
            "first": first,
            "end": end,
            "course_id": course_id,
        }
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(_BY_WEEK, values)).mappings().all()
        return [
            Aggregate(
                **{name: value for name, value in row.items() if name != "minutes"},
                tenant_id=tenant_id,
                minutes=None if row["minutes"] is None else round(row["minutes"]),
            )
            for row in rows
        ]
