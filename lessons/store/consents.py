"""Consent as it is recorded: every decision kept, the newest one that applies holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import AwareDatetime
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotFound
from lessons.privacy.consent import Basis, ParticipantConsent, Purpose
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.tables import consent_decisions

MAX_PAGE = 200

# One round trip whether the batch is about one participant or about thirty.
_OF_PARTICIPANTS = text(
    """
    SELECT participants.id, lessons.consent_basis AS lesson_basis,
        coalesce(tenants.effective #> '{consent,required_purposes}', '[]'::jsonb) AS required,
        coalesce((
            SELECT jsonb_object_agg(purpose, granted) FROM (
                SELECT DISTINCT ON (purpose) purpose, granted FROM consent_decisions AS decisions
                WHERE decisions.tenant_id = :tenant_id
                    AND decisions.person_id = participants.person_id
                    AND (decisions.lesson_id IS NULL OR decisions.lesson_id = :lesson_id)
                ORDER BY purpose, decided_at DESC, decisions.id DESC
            ) AS newest
        ), '{}'::jsonb) AS decisions
    FROM participants
    JOIN lessons ON lessons.tenant_id = :tenant_id AND lessons.id = :lesson_id
    LEFT JOIN tenants ON tenants.id = :tenant_id
    WHERE participants.tenant_id = :tenant_id AND participants.lesson_id = :lesson_id
        AND participants.id = ANY(CAST(:participant_ids AS text[]))
    """
)


class ConsentDecision(Record):
    """One decision of a person, or for them, on one purpose.

    `lesson_id` is None where it holds for all of the tenant's lessons; `basis` is None where the
    consent was refused or taken back.
    """

    id: str
    person_id: str
    lesson_id: str | None = None
    purpose: Purpose
    granted: bool
    basis: Basis | None = None
    decided_by: str
    decided_at: AwareDatetime
    note: str | None = None


class ConsentStore:
    """Reads decisions; `lessons.store.consent_changes` makes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_participant(
        self, tenant_id: str, lesson_id: str, participant_id: str
    ) -> ParticipantConsent:
        """Return what holds for a participant now.

        Raises:
            NotFound: the lesson has no such participant.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await consent_of(connection, tenant_id, lesson_id, participant_id)

    async def of_participants(
        self, tenant_id: str, lesson_id: str, participant_ids: Collection[str]
    ) -> Mapping[str, ParticipantConsent]:
        """Return what holds for each of those who are participants of the lesson."""
        async with self._database.transaction(tenant_id) as connection:
            return await consents_of(connection, tenant_id, lesson_id, participant_ids)

    async def list_decisions(
        self,
        tenant_id: str,
        person_id: str,
        limit: int = 50,
        before: str | None = None,
        lesson_id: str | None = None,
    ) -> list[ConsentDecision]:
        """Return a person's decisions, newest first.

        Args:
            before: id of the last decision of the page before this one.
            lesson_id: only those that hold in this lesson.
        """
        table = consent_decisions
        query = _decisions(tenant_id, person_id).order_by(table.c.id.desc())
        query = query.limit(min(limit, MAX_PAGE))
        if before is not None:
            query = query.where(table.c.id < before)
        if lesson_id is not None:
            query = query.where(table.c.lesson_id.is_(None) | (table.c.lesson_id == lesson_id))
        async with self._database.transaction(tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return [ConsentDecision.model_validate(row) for row in rows]


async def consent_of(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, participant_id: str
) -> ParticipantConsent:
    """Return what holds for a participant, within a transaction of the caller.

    Raises:
        NotFound: the lesson has no such participant.
    """
    found = await consents_of(connection, tenant_id, lesson_id, [participant_id])
    if participant_id not in found:
        raise NotFound(f"The lesson has no participant {participant_id!r}.", field="participant_id")
    return found[participant_id]


async def consents_of(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, participant_ids: Collection[str]
) -> Mapping[str, ParticipantConsent]:
    """Return what holds for each of those who are participants of the lesson."""
    rows = await connection.execute(
        _OF_PARTICIPANTS,
        {
            "tenant_id": tenant_id,
            "lesson_id": lesson_id,
            "participant_ids": list(participant_ids),
        },
    )
    return {
        row.id: ParticipantConsent(row.decisions, frozenset(row.required), row.lesson_basis)
        for row in rows
    }


def _decisions(tenant_id: str, person_id: str) -> Select[tuple[object, ...]]:
    return select(consent_decisions).where(
        consent_decisions.c.tenant_id == tenant_id, consent_decisions.c.person_id == person_id
    )
