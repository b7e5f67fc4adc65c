"""Erasing a person: the key is destroyed, what names them is overwritten, and a proof stays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Table, delete, false, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import NotFound
from lessons.identifiers import new_id
from lessons.privacy.consent import Purpose
from lessons.privacy.holdings import ERASED_NAME, HOLDINGS, Erasure
from lessons.records import Record
from lessons.store.audit import audit_in
from lessons.store.consent_changes import ConsentChange, decide_in
from lessons.store.database import Database
from lessons.store.retention_role import work_as_retention
from lessons.store.tables import (
    erasures,
    learning_events,
    metadata,
    participants,
    people,
    recordings,
    subject_keys,
)
from lessons.store.tables import lessons as lesson_table

SAMPLED_BODIES = 20
"""Sealed bodies whose digests go into the proof."""

_DESTROY = text(
    """
    INSERT INTO subject_keys
        (tenant_id, person_id, wrapped_key, master_key_id, destroyed_at)
    VALUES (:tenant_id, :person_id, NULL, :master_key_id, :now)
    ON CONFLICT (tenant_id, person_id) DO UPDATE SET wrapped_key = NULL, destroyed_at = :now
    """
)


class SampledBody(Record):
    """A sealed body as it lies in the store: its event and the SHA-256 of the ciphertext."""

    event_id: str
    lesson_id: str
    sha256: str


class ErasureProof(Record):
    """What an erasure destroyed, and what can still be looked at to see that it did.

    The key was wrapped by the master key named here and exists nowhere else; other processes forget
    their copies within 30 seconds. Of the sealed bodies some are named with the digest of their
    ciphertext: they lie in the store, and nobody can open them.
    """

    id: str
    person_id: str
    erased_at: AwareDatetime
    erased_by: str
    key_destroyed_at: AwareDatetime
    master_key_id: str
    sealed_events: int
    events_in_the_open: int
    sample: list[SampledBody]
    rows_deleted: dict[str, int]
    rows_overwritten: dict[str, int]
    stopped_tracks: list[str]
    audit_position: int


class ErasureCheck(Record):
    """What a look at the store says about an erasure now."""

    key_is_destroyed: bool
    bodies_unchanged: int
    bodies_gone: int
    bodies_readable: int


class ErasureStore:
    """Erases people, and shows afterwards that they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, tenant_id: str, person_id: str, erased_by: str) -> ErasureProof:
        """Erase a person, once; erasing again gives the same proof.

        Whatever they publish ends at once. Their events keep their numbers and places.

        Raises:
            NotFound: the tenant has no such person.
        """
        async with self._database.transaction(tenant_id) as connection:
            await work_as_retention(connection)
            before = await _proof_of(connection, tenant_id, person_id)
            if before is not None:
                return before
            await _lock_person(connection, tenant_id, person_id)
            proof = await _erase(connection, tenant_id, person_id, erased_by)
        self._database.keyring.forget(tenant_id, person_id)
        return proof

    async def get_proof(self, tenant_id: str, person_id: str) -> ErasureProof:
        """Return the proof of a person's erasure.

        Raises:
            NotFound: nobody of that id was erased.
        """
        async with self._database.transaction(tenant_id) as connection:
            proof = await _proof_of(connection, tenant_id, person_id)
        if proof is None:
            raise NotFound(f"Nobody {person_id!r} was erased.", field="person_id")
        return proof

    async def check(self, tenant_id: str, proof: ErasureProof) -> ErasureCheck:
        """Look whether the key is gone and the sampled bodies lie there as they were."""
        async with self._database.transaction(tenant_id) as connection:
            keys = await self._database.keyring.of_people(connection, tenant_id, [proof.person_id])
            found = {
                body.event_id: body
                for body in await _sample(
                    connection,
                    tenant_id,
                    proof.person_id,
                    [body.event_id for body in proof.sample],
                )
            }
        unchanged = sum(found.get(body.event_id) == body for body in proof.sample)
        destroyed = keys[proof.person_id] is None
        return ErasureCheck(
            key_is_destroyed=destroyed,
            bodies_unchanged=unchanged,
            bodies_gone=len(proof.sample) - len(found),
            bodies_readable=0 if destroyed else len(found),
        )


async def _erase(
    connection: AsyncConnection, tenant_id: str, person_id: str, erased_by: str
) -> ErasureProof:
    now, erasure_id = datetime.now(UTC), new_id("ers")
    revoked = ConsentChange(person_id, None, list(Purpose), False, None, erased_by, "erasure")
    _, stopped = await decide_in(connection, tenant_id, revoked)
    in_the_open = await _cover_open_bodies(connection, tenant_id, person_id)
    sealed = await _count_sealed(connection, tenant_id, person_id)
    sample = await _sample(connection, tenant_id, person_id)
    master_key_id = await _destroy_key(connection, tenant_id, person_id, now)
    deleted, overwritten = await _clear_holdings(connection, tenant_id, person_id)
    overwritten["recordings"] = await _rename_files(connection, tenant_id, person_id)
    await connection.execute(
        update(people)
        .where(people.c.tenant_id == tenant_id, people.c.id == person_id)
        .values(erased_at=now)
    )
    facts = {
        "key_destroyed_at": now,
        "master_key_id": master_key_id,
        "sealed_events": sealed,
        "events_in_the_open": in_the_open,
        "sample": sample,
        "rows_deleted": deleted,
        "rows_overwritten": overwritten,
        "stopped_tracks": stopped,
    }
    position = await audit_in(
        connection,
        tenant_id,
        erased_by,
        "erase",
        f"person {person_id}",
        {"erasure": erasure_id, "sealed_events": sealed, "rows_deleted": deleted},
    )
    proof = ErasureProof(
        id=erasure_id,
        person_id=person_id,
        erased_at=now,
        erased_by=erased_by,
        audit_position=position,
        **facts,
    )
    await connection.execute(
        insert(erasures).values(
            tenant_id=tenant_id,
            id=erasure_id,
            person_id=person_id,
            erased_at=now,
            erased_by=erased_by,
            proof=proof.model_dump(mode="json"),
        )
    )
    return proof


async def _proof_of(
    connection: AsyncConnection, tenant_id: str, person_id: str
) -> ErasureProof | None:
    query = select(erasures.c.proof).where(
        erasures.c.tenant_id == tenant_id, erasures.c.person_id == person_id
    )
    found = await connection.scalar(query)
    return None if found is None else ErasureProof.model_validate(found)


async def _lock_person(connection: AsyncConnection, tenant_id: str, person_id: str) -> None:
    query = select(people.c.id).where(people.c.tenant_id == tenant_id, people.c.id == person_id)
    if await connection.scalar(query.with_for_update()) is None:
        raise NotFound(f"There is no person {person_id!r}.", field="person_id")


def _lessons_of(tenant_id: str, person_id: str) -> Any:
    """Return days and ids of the lessons that a person was in, as the ledger is keyed."""
    return (
        select(lesson_table.c.day, lesson_table.c.id)
        .join(
            participants,
            (participants.c.tenant_id == lesson_table.c.tenant_id)
            & (participants.c.lesson_id == lesson_table.c.id),
        )
        .where(participants.c.tenant_id == tenant_id, participants.c.person_id == person_id)
        .distinct()
        .subquery("attended")
    )


async def _count_sealed(connection: AsyncConnection, tenant_id: str, person_id: str) -> int:
    attended = _lessons_of(tenant_id, person_id)
    query = (
        select(func.count())
        .select_from(learning_events)
        .join(
            attended,
            (learning_events.c.lesson_day == attended.c.day)
            & (learning_events.c.lesson_id == attended.c.id),
        )
        .where(learning_events.c.person_id == person_id)
    )
    return await connection.scalar(query) or 0


async def _sample(
    connection: AsyncConnection,
    tenant_id: str,
    person_id: str,
    event_ids: list[str] | None = None,
) -> list[SampledBody]:
    """Return the newest sealed bodies of a person, or those of these events."""
    events, attended = learning_events, _lessons_of(tenant_id, person_id)
    query = (
        select(events.c.event_id, events.c.lesson_id, events.c.sealed)
        .join(
            attended,
            (events.c.lesson_day == attended.c.day) & (events.c.lesson_id == attended.c.id),
        )
        .where(events.c.person_id == person_id, func.length(events.c.sealed) > 0)
        .order_by(events.c.lesson_day.desc(), events.c.lesson_id, events.c.sequence.desc())
        .limit(SAMPLED_BODIES)
    )
    if event_ids is not None:
        query = query.where(events.c.event_id.in_(event_ids))
    return [
        SampledBody(
            event_id=row.event_id,
            lesson_id=row.lesson_id,
            sha256=hashlib.sha256(bytes(row.sealed)).hexdigest(),
        )
        for row in await connection.execute(query)
    ]


async def _cover_open_bodies(connection: AsyncConnection, tenant_id: str, person_id: str) -> int:
    """Take away the bodies of events from before bodies were sealed; return how many there were."""
    statement = text(
        """
        UPDATE learning_events AS event SET data = NULL, sealed = '', person_id = :person_id
        FROM participants AS place JOIN lessons AS lesson
            ON lesson.tenant_id = place.tenant_id AND lesson.id = place.lesson_id
        WHERE place.tenant_id = :tenant_id AND place.person_id = :person_id
            AND event.lesson_day = lesson.day AND event.lesson_id = lesson.id
            AND event.subject = place.id AND event.data IS NOT NULL
        """
    )
    done = await connection.execute(statement, {"tenant_id": tenant_id, "person_id": person_id})
    return done.rowcount


async def _destroy_key(
    connection: AsyncConnection, tenant_id: str, person_id: str, now: datetime
) -> str:
    """Destroy the key, or bar one from ever being made; return which master key had wrapped it."""
    query = select(subject_keys.c.master_key_id).where(
        subject_keys.c.tenant_id == tenant_id, subject_keys.c.person_id == person_id
    )
    master_key_id = await connection.scalar(query) or ""
    await connection.execute(
        _DESTROY,
        {
            "tenant_id": tenant_id,
            "person_id": person_id,
            "master_key_id": master_key_id,
            "now": now,
        },
    )
    return master_key_id


async def _clear_holdings(
    connection: AsyncConnection, tenant_id: str, person_id: str
) -> tuple[dict[str, int], dict[str, int]]:
    """Delete and overwrite what the list of holdings says; return how many rows of each table."""
    deleted: dict[str, int] = {}
    overwritten: dict[str, int] = {}
    for name, holding in HOLDINGS.items():
        table = metadata.tables[name]
        of_person = or_(false(), *(table.c[column] == person_id for column in holding.people))
        if holding.erasure is Erasure.DELETE:
            statement = delete(table).where(table.c.tenant_id == tenant_id, of_person)
            deleted[name] = (await connection.execute(statement)).rowcount
        elif holding.erasure is Erasure.BLANK:
            overwritten[name] = await _blank(
                connection, tenant_id, table, of_person, holding.blanks
            )
    return deleted, overwritten


async def _blank(
    connection: AsyncConnection,
    tenant_id: str,
    table: Table,
    of_person: Any,
    blanks: Mapping[str, str | None],
) -> int:
    statement = update(table).where(table.c.tenant_id == tenant_id, of_person).values(**blanks)
    return (await connection.execute(statement)).rowcount


async def _rename_files(connection: AsyncConnection, tenant_id: str, person_id: str) -> int:
    """Take the names of the person's uploaded files out of the recordings."""
    own = select(participants.c.id, participants.c.lesson_id).where(
        participants.c.tenant_id == tenant_id, participants.c.person_id == person_id
    )
    places = {row.lesson_id: row.id for row in await connection.execute(own)}
    query = select(recordings).where(
        recordings.c.tenant_id == tenant_id, recordings.c.lesson_id.in_(places)
    )
    renamed = 0
    for row in (await connection.execute(query)).all():
        files = [
            {**file, "name": ERASED_NAME}
            if file["participant_id"] == places[row.lesson_id]
            else file
            for file in row.files
        ]
        if files != row.files:
            renamed += 1
            await connection.execute(
                update(recordings)
                .where(recordings.c.tenant_id == tenant_id, recordings.c.id == row.id)
                .values(files=files)
            )
    return renamed
