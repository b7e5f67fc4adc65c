"""Finds the objective that an event means: by its id, its publisher's identifier or its code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.store.tables import courses, objectives


class NamedObjectives:
    """Objectives by the names that events use.

    Args:
        ids: the id of each name that means exactly one objective.
    """

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids = ids

    def id_of(self, name: str) -> str | None:
        """Return the id of the objective of that name; None where there is none, or several."""
        return self._ids.get(name)

    @classmethod
    async def find(
        cls,
        connection: AsyncConnection,
        tenant_id: str,
        names: Collection[str],
        course_id: str | None,
    ) -> NamedObjectives:
        """Look names up; those of the course's own curriculum go before those of others."""
        if not names:
            return cls({})
        columns = objectives.c
        rows = await connection.execute(
            select(columns.id, columns.code, columns.external_id, columns.curriculum_id).where(
                columns.tenant_id == tenant_id,
                or_(
                    columns.id.in_(names),
                    columns.external_id.in_(names),
                    columns.code.in_(names),
                ),
            )
        )
        own = await connection.scalar(
            select(courses.c.curriculum_id).where(
                courses.c.tenant_id == tenant_id, courses.c.id == course_id
            )
        )
        meanings: defaultdict[str, list[tuple[bool, str]]] = defaultdict(list)
        for row in rows:
            for name in {row.id, row.external_id, row.code} & set(names):
                meanings[name].append((row.curriculum_id == own, row.id))
        return cls({name: found for name in names if (found := _meant(name, meanings[name]))})


def _meant(name: str, meanings: list[tuple[bool, str]]) -> str | None:
    if any(each == name for _, each in meanings):
        return name
    within = [each for is_own, each in meanings if is_own] or [each for _, each in meanings]
    return within[0] if len(within) == 1 else None
