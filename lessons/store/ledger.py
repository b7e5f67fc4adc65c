"""The ledger: each lesson's events, numbered consecutively in the order in which they commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, InvalidInput, LecternError
from lessons.events import EventDraft, LearningEvent, known_type
from lessons.privacy.consent import ConsentMissing, ParticipantConsent, purpose_of_event
from lessons.store.appending import Appended, LockedLedger, append_in, lesson_not_found
from lessons.store.consents import consents_of
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_of
from lessons.store.straight_appending import append_straight
from lessons.store.tables import learning_events
from lessons.store.tables import lessons as lesson_table

MAX_PAGE = 1000
"""Most events that one `read` returns."""

_LARGEST_SEQUENCE = 2**63 - 1


class Ledger:
    """Appends and reads learning events.

    Appending is idempotent by id for as long as the event is kept: the same id and body gives the
    stored event back, the same id with another body is a conflict.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(
        self, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
    ) -> list[Appended]:
        """Store the drafts, all or none, and tell every `LiveFeed` of the commit.

        Raises:
            NotFound: the tenant has no such lesson.
            Conflict: an id is taken by an event with another body.
            Unavailable: the database is away; repeat with the same drafts.
        """
        if not drafts:
            return []
        appended = await append_straight(self._database, tenant_id, lesson_id, drafts, admit=False)
        if appended is not None:
            return appended
        async with self._database.transaction(tenant_id) as connection:
            return await append_in(connection, tenant_id, lesson_id, drafts)

    async def append_each(
        self, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
    ) -> list[Appended | LecternError]:
        """Store what can be stored of a platform's batch; one outcome per draft, in order.

        A draft is refused with Conflict as in `append`, with InvalidInput where its subject is
        nobody in the lesson, or with ConsentMissing where its subject's consent does not cover what
        it is kept for; the others are stored.

        Raises:
            NotFound: the tenant has no such lesson.
            Unavailable: the database is away; nothing was stored, or all of it: repeat.
        """
        if not drafts:
            return []
        appended = await append_straight(self._database, tenant_id, lesson_id, drafts, admit=True)
        if appended is not None:
            return list(appended)
        async with self._database.transaction(tenant_id) as connection:
            append = await LockedLedger.begin(connection, tenant_id, lesson_id, drafts)
            consents = await _consents(connection, tenant_id, lesson_id, drafts)
            outcomes: list[Appended | LecternError] = []
            for draft in drafts:
                try:
                    _admit(draft, consents)
                    outcomes.append(append.place(draft))
                except (Conflict, ConsentMissing, InvalidInput) as refused:
                    outcomes.append(refused)
            await append.write()
            return outcomes

    async def known_ids(
        self, tenant_id: str, lesson_id: str, ids: Collection[str]
    ) -> frozenset[str]:
        """Return those of the ids that events of the lesson have already."""
        column = learning_events.c.event_id
        query = _of_lesson(select(column), tenant_id, lesson_id).where(column.in_(ids))
        async with self._database.transaction(tenant_id) as connection:
            return frozenset(await connection.scalars(query))

    async def read(
        self,
        tenant_id: str,
        lesson_id: str,
        after: int = 0,
        limit: int = 500,
        types: Collection[str] | None = None,
    ) -> list[LearningEvent]:
        """Return up to `limit` events with a sequence number past `after`, in order.

        Args:
            types: only these types; None means all.

        Raises:
            NotFound: the tenant has no such lesson.
            InvalidInput: `limit` or `after` is out of range, or a type is unknown.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise InvalidInput(f"The limit lies outside of 1..{MAX_PAGE}.", field="limit")
        if not 0 <= after <= _LARGEST_SEQUENCE:
            raise InvalidInput("There are no such sequence numbers.", field="after")
        events = learning_events
        query = (
            _of_lesson(select(*EVENT_COLUMNS), tenant_id, lesson_id)
            .where(events.c.sequence > after)
            .order_by(events.c.sequence)
            .limit(limit)
        )
        if types is not None:
            query = query.where(events.c.type.in_([known_type(name) for name in types]))
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                await _require_lesson(connection, tenant_id, lesson_id)
            return await events_of(connection, tenant_id, rows)

    async def read_all(
        self, tenant_id: str, lesson_id: str, types: Collection[str], after: int = 0
    ) -> list[LearningEvent]:
        """Return all of a lesson's events of these types after a number, in order.

        Raises:
            NotFound: the tenant has no such lesson.
            InvalidInput: a type is unknown.
        """
        events: list[LearningEvent] = []
        while True:
            page = await self.read(tenant_id, lesson_id, after, MAX_PAGE, types)
            events += page
            if len(page) < MAX_PAGE:
                return events
            after = page[-1].ledgersequence


def _of_lesson(query: Select[Any], tenant_id: str, lesson_id: str) -> Select[Any]:
    """Keep to one lesson's events; its day names the partition that they lie in."""
    events = learning_events
    return query.join(
        lesson_table,
        (lesson_table.c.day == events.c.lesson_day) & (lesson_table.c.id == events.c.lesson_id),
    ).where(lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id)


async def _consents(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, drafts: Sequence[EventDraft]
) -> Mapping[str, ParticipantConsent]:
    """Return the consent of those subjects of the drafts that are participants of the lesson."""
    subjects = {draft.subject for draft in drafts if draft.subject is not None}
    if not subjects:
        return {}
    return await consents_of(connection, tenant_id, lesson_id, subjects)


def _admit(draft: EventDraft, consents: Mapping[str, ParticipantConsent]) -> None:
    """Raise InvalidInput for a stranger's event, ConsentMissing for one that is not covered."""
    if draft.subject is None:
        return
    consent = consents.get(draft.subject)
    if consent is None:
        raise InvalidInput(
            f"Nobody in this lesson has the id {draft.subject!r}.",
            field="subject",
            fix="Add the participant first, or give the id that adding them returned.",
        )
    purpose = purpose_of_event(draft.data.type)
    if purpose is not None:
        consent.require({purpose}, draft.subject)


async def _require_lesson(connection: AsyncConnection, tenant_id: str, lesson_id: str) -> None:
    found = await connection.scalar(
        select(lesson_table.c.id).where(
            lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id
        )
    )
    if found is None:
        raise lesson_not_found(lesson_id)
