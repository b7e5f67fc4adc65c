"""The roster of a lesson: who is in it, in which role, and the course it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.policy import Credential
from lessons.roles import Role
from lessons.store.tables import lessons as lesson_table
from lessons.store.tables import participants


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place in a lesson."""

    participant_id: str
    person_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody in a lesson; `course_id` is None where it belongs to no course."""

    lesson_id: str
    course_id: str | None
    places: tuple[Place, ...]

    @property
    def learners(self) -> int:
        """How many learners the lesson has."""
        return sum(place.role is Role.LEARNER for place in self.places)

    @property
    def members(self) -> frozenset[str]:
        """Everybody who takes part."""
        return frozenset(place.participant_id for place in self.places)

    def places_of(self, caller: Credential) -> list[Place]:
        """Return where the caller sits: as the token's participant, or as the person they are."""
        if caller.kind == "participant":
            return [item for item in self.places if item.participant_id == caller.participant_id]
        return [item for item in self.places if item.person_id == caller.person_id]

    def participants_of(self, persons: frozenset[str]) -> frozenset[str]:
        """Return the places of these persons."""
        return frozenset(item.participant_id for item in self.places if item.person_id in persons)


async def read_roster(connection: AsyncConnection, tenant_id: str, lesson_id: str) -> Roster | None:
    """Return a lesson's roster within a transaction of the caller; None without such a lesson."""
    query = (
        select(
            lesson_table.c.course_id,
            participants.c.id,
            participants.c.person_id,
            participants.c.role,
        )
        .outerjoin(
            participants,
            (participants.c.tenant_id == lesson_table.c.tenant_id)
            & (participants.c.lesson_id == lesson_table.c.id),
        )
        .where(lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return None
    places = tuple(Place(row.id, row.person_id, Role(row.role)) for row in rows if row.id)
    return Roster(lesson_id, rows[0].course_id, places)
