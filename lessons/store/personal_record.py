"""Everything that the store holds about one person, gathered for that person to read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import RowMapping, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotFound
from lessons.privacy.holdings import HOLDINGS, Holding
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_as_stored
from lessons.store.tables import learning_events, metadata, participants, people
from lessons.store.tables import lessons as lesson_table

_PAGE_EVENTS = 1000


class RecordSection(Record):
    """The rows of one table that are about the person."""

    table: str
    what: str
    rows: list[dict[str, Any]]


class RecordedLesson(Record):
    """One lesson that the person was in, and their own events of it as they go on the wire."""

    lesson_id: str
    title: str
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    consent_basis: str | None
    participant_id: str
    role: str
    events: list[dict[str, Any]]


class PersonalRecord(Record):
    """The whole record of one person."""

    person_id: str
    name: str
    made_at: AwareDatetime
    lessons: list[RecordedLesson]
    sections: list[RecordSection]


class PersonalRecords:
    """Gathers personal records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def gather(self, tenant_id: str, person_id: str) -> PersonalRecord:
        """Return all that is held about a person, with every sealed body opened.

        Raises:
            NotFound: the tenant has no such person.
        """
        async with self._database.transaction(tenant_id) as connection:
            query = select(people.c.name).where(
                people.c.tenant_id == tenant_id, people.c.id == person_id
            )
            name = await connection.scalar(query)
            if name is None:
                raise NotFound(f"There is no person {person_id!r}.", field="person_id")
            return PersonalRecord(
                person_id=person_id,
                name=name,
                made_at=datetime.now(UTC),
                lessons=await _lessons(connection, tenant_id, person_id),
                sections=await _sections(connection, tenant_id, person_id),
            )


async def _sections(
    connection: AsyncConnection, tenant_id: str, person_id: str
) -> list[RecordSection]:
    sections = []
    for name, holding in HOLDINGS.items():
        if name == "learning_events" or not (holding.people or holding.participants):
            continue
        rows = await _rows(connection, tenant_id, person_id, name, holding)
        if rows:
            sections.append(RecordSection(table=name, what=holding.what, rows=rows))
    return sections


async def _rows(
    connection: AsyncConnection, tenant_id: str, person_id: str, name: str, holding: Holding
) -> list[dict[str, Any]]:
    table = metadata.tables[name]
    shown = [
        column
        for column in table.c
        if column.name not in holding.hidden and column.name != "tenant_id"
    ]
    places = select(participants.c.id).where(
        participants.c.tenant_id == tenant_id, participants.c.person_id == person_id
    )
    is_own = or_(
        false(),
        *(table.c[column] == person_id for column in holding.people),
        *(table.c[column].in_(places) for column in holding.participants),
    )
    rows = await connection.execute(select(*shown).where(table.c.tenant_id == tenant_id, is_own))
    return [dict(row) for row in rows.mappings()]


async def _lessons(
    connection: AsyncConnection, tenant_id: str, person_id: str
) -> list[RecordedLesson]:
    query = (
        select(lesson_table, participants.c.id.label("participant_id"), participants.c.role)
        .join(
            participants,
            and_(
                participants.c.tenant_id == lesson_table.c.tenant_id,
                participants.c.lesson_id == lesson_table.c.id,
            ),
        )
        .where(participants.c.tenant_id == tenant_id, participants.c.person_id == person_id)
        .order_by(lesson_table.c.created_at, lesson_table.c.id)
    )
    return [
        RecordedLesson(
            lesson_id=row["id"],
            title=row["title"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            consent_basis=row["consent_basis"],
            participant_id=row["participant_id"],
            role=row["role"],
            events=await _events(connection, tenant_id, person_id, row),
        )
        for row in (await connection.execute(query)).mappings().all()
    ]


async def _events(
    connection: AsyncConnection, tenant_id: str, person_id: str, lesson: RowMapping
) -> list[dict[str, Any]]:
    """Return the person's events of a lesson: what they did, and what tells of them."""
    events: list[dict[str, Any]] = []
    table, after = learning_events, 0
    while True:
        query = (
            select(*EVENT_COLUMNS)
            .where(
                table.c.lesson_day == lesson["day"],
                table.c.lesson_id == lesson["id"],
                table.c.sequence > after,
                or_(
                    table.c.person_id == person_id,
                    and_(table.c.person_id.is_(None), table.c.subject == lesson["participant_id"]),
                ),
            )
            .order_by(table.c.sequence)
            .limit(_PAGE_EVENTS)
        )
        rows = (await connection.execute(query)).mappings().all()
        events += [event.to_wire() for event in await events_as_stored(connection, tenant_id, rows)]
        if len(rows) < _PAGE_EVENTS:
            return events
        after = rows[-1]["sequence"]
