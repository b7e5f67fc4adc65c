"""Which lessons are live, over all tenants, for a process that follows them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select, text

from lessons.records import Lesson
from lessons.store.database import Database
from lessons.store.tables import lessons

LONGEST_SILENCE = timedelta(hours=3)
"""A live lesson in which nothing was stored for so long is found again once something is."""

_NAME_NEWS = text("SELECT set_config('lectern.news_after', :transaction, true)")
_LESSONS_WITH_NEWS = text(
    """
    SELECT horizon, tenant_id, lesson_id
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon) AS now
    LEFT JOIN LATERAL (
        SELECT DISTINCT tenant_id, lesson_id FROM ledger_commits
        WHERE transaction_id >= :mark
            AND committed_at > now() - CAST(:silence AS interval)
    ) AS news ON true
    """
).bindparams(bindparam("silence", LONGEST_SILENCE))

LessonKey = tuple[str, str]
"""Ids of a tenant and a lesson."""


@dataclass(frozen=True, slots=True)
class LessonNews:
    """Lessons in which something was stored, and from where to look the next time."""

    lessons: list[LessonKey]
    mark: int


class LiveLessons:
    """Finds them by what commits; who asks keeps the mark, so several may ask beside each other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def news(self, mark: int = 0) -> LessonNews:
        """Return the lessons of every tenant in which something was stored since a mark.

        A lesson may come again though nothing was added; none is left out.

        Args:
            mark: that of the last answer; 0 for the last three hours.
        """
        async with self._database.transaction(None) as connection:
            await connection.execute(_NAME_NEWS, {"transaction": str(mark)})
            rows = (await connection.execute(_LESSONS_WITH_NEWS, {"mark": mark})).all()
        found = [(row.tenant_id, row.lesson_id) for row in rows if row.tenant_id]
        return LessonNews(found, rows[0].horizon)

    async def live(self, tenant_id: str, lesson_ids: Collection[str]) -> list[Lesson]:
        """Return those of a tenant's lessons that are live.

        Raises:
            WrongRegion: the tenant is bound to another region.
        """
        query = select(lessons).where(
            lessons.c.tenant_id == tenant_id,
            lessons.c.id.in_(lesson_ids),
            lessons.c.status == "live",
        )
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [Lesson.model_validate(row) for row in rows]
