"""Giving and taking back consent: the decision, its events and the end of tracks, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.events import EventDraft
from lessons.events.privacy import ConsentGranted, ConsentRevoked
from lessons.identifiers import new_id
from lessons.privacy.consent import Basis, Purpose, tracks_stopped_by
from lessons.records import Lesson, Track
from lessons.store.appending import append_in, lesson_not_found
from lessons.store.audit import audit_in
from lessons.store.consents import ConsentDecision
from lessons.store.database import Database
from lessons.store.tables import consent_decisions, participants, people
from lessons.store.tables import lessons as lesson_table
from lessons.store.tracks import end_track_in, open_live_tracks

REVOKED = "consent revoked"
"""The reason with which a track ends whose consent was taken back."""


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """What somebody decides.

    Attributes:
        person_id: whose data it is about.
        lesson_id: the one lesson that it is for; None for all of the tenant's, from now on.
        purposes: what is decided on, each for itself.
        granted: consent given, or refused or taken back.
        basis: of a consent that is given.
        decided_by: id of the API key, participant or person who records it.
        note: such as where the signed form lies.
    """

    person_id: str
    lesson_id: str | None
    purposes: Sequence[Purpose]
    granted: bool
    basis: Basis | None
    decided_by: str
    note: str | None = None


class ConsentChanges:
    """Records decisions, and stops at once what they no longer cover."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def decide(self, tenant_id: str, change: ConsentChange) -> list[ConsentDecision]:
        """Record one decision for each purpose; tracks that lose their consent end with it.

        Raises:
            NotFound: the tenant has no such person, or the lesson has not.
            Conflict: the person was erased.
            InvalidInput: no purpose is named, or consent is given without a basis.
        """
        async with self._database.transaction(tenant_id) as connection:
            decisions, stopped = await decide_in(connection, tenant_id, change)
            await audit_in(
                connection,
                tenant_id,
                change.decided_by,
                "grant" if change.granted else "revoke",
                f"consent of {change.person_id}",
                {
                    "purposes": [decision.purpose for decision in decisions],
                    "decisions": [decision.id for decision in decisions],
                    "lesson_id": change.lesson_id,
                    "basis": change.basis,
                    "stopped_tracks": stopped,
                },
            )
        return decisions


async def decide_in(
    connection: AsyncConnection, tenant_id: str, change: ConsentChange
) -> tuple[list[ConsentDecision], list[str]]:
    """Decide within a transaction of the caller, who audits it; return the stopped tracks' ids too.

    Raises:
        NotFound, Conflict, InvalidInput: as `ConsentChanges.decide`.
    """
    _check(change)
    now = datetime.now(UTC)
    decisions = [_decision(change, purpose, now) for purpose in dict.fromkeys(change.purposes)]
    await _require_person(connection, tenant_id, change.person_id)
    # Locked before the decision is written: a track is claimed under the same lock, so it either
    # ends here or is refused there.
    places = await _places(connection, tenant_id, change)
    await connection.execute(
        insert(consent_decisions),
        [{**decision.model_dump(), "tenant_id": tenant_id} for decision in decisions],
    )
    stopped: list[str] = []
    for place in places:
        for decision in decisions:
            stopped += await _tell(connection, tenant_id, place, decision, now)
    return decisions, stopped


@dataclass(frozen=True, slots=True)
class _Place:
    """One lesson that a decision reaches, and who the person is there."""

    lesson: Lesson
    participant_id: str

    def now_ms(self, now: datetime) -> int:
        started_at = self.lesson.started_at or now
        return max(0, round((now - started_at).total_seconds() * 1000))


def _check(change: ConsentChange) -> None:
    if not change.purposes:
        raise InvalidInput(
            "A decision is about at least one purpose.",
            field="purposes",
            fix=f"Name some of: {', '.join(Purpose)}.",
        )
    if change.granted and change.basis is None:
        raise InvalidInput(
            "A consent that is given has a basis.",
            field="basis",
            fix=f"Name one of: {', '.join(Basis)}.",
        )


def _decision(change: ConsentChange, purpose: Purpose, now: datetime) -> ConsentDecision:
    return ConsentDecision(
        id=new_id("cns"),
        person_id=change.person_id,
        lesson_id=change.lesson_id,
        purpose=purpose,
        granted=change.granted,
        basis=change.basis if change.granted else None,
        decided_by=change.decided_by,
        decided_at=now,
        note=change.note,
    )


async def _require_person(connection: AsyncConnection, tenant_id: str, person_id: str) -> None:
    query = select(people.c.erased_at).where(
        people.c.tenant_id == tenant_id, people.c.id == person_id
    )
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        raise NotFound(f"There is no person {person_id!r}.", field="person_id")
    if found.erased_at is not None:
        raise Conflict("The record of this person was erased.", field="person_id")


async def _places(
    connection: AsyncConnection, tenant_id: str, change: ConsentChange
) -> list[_Place]:
    """Lock the lessons that may have to stop something, in an order that all lockers share."""
    table = lesson_table
    query = (
        select(table, participants.c.id.label("participant_id"))
        .join(
            participants,
            (participants.c.tenant_id == table.c.tenant_id)
            & (participants.c.lesson_id == table.c.id),
        )
        .where(table.c.tenant_id == tenant_id, participants.c.person_id == change.person_id)
        .order_by(table.c.id)
        .with_for_update(of=table)
    )
    if change.lesson_id is None:
        # Those that have not begun are locked too: one of them may begin at this very moment.
        query = query.where(table.c.status != "ended")
    else:
        query = query.where(table.c.id == change.lesson_id)
    rows = (await connection.execute(query)).all()
    if change.lesson_id is not None and not rows:
        raise lesson_not_found(change.lesson_id)
    return [_Place(Lesson.model_validate(row), row.participant_id) for row in rows]


async def _tell(
    connection: AsyncConnection,
    tenant_id: str,
    place: _Place,
    decision: ConsentDecision,
    now: datetime,
) -> list[str]:
    """Write the decision into a lesson's ledger, and end what it stops; return the tracks' ids."""
    stopped = await _tracks_to_stop(connection, tenant_id, place, decision)
    if decision.lesson_id is None and place.lesson.status != "live" and not stopped:
        return []
    if decision.granted:
        data = _granted(place, decision)
        await append_in(connection, tenant_id, place.lesson.id, [_draft(place, data, now)])
        return []
    told = ConsentRevoked(
        consent_id=decision.id,
        participant_id=place.participant_id,
        purpose=decision.purpose,
        decided_by=decision.decided_by,
        stopped_tracks=[track.id for track in stopped],
    )
    await append_in(connection, tenant_id, place.lesson.id, [_draft(place, told, now)])
    for track in stopped:
        await end_track_in(connection, tenant_id, track, place.now_ms(now), REVOKED)
    return [track.id for track in stopped]


def _granted(place: _Place, decision: ConsentDecision) -> ConsentGranted:
    if decision.basis is None:
        raise ValueError("a consent that is given has a basis")
    return ConsentGranted(
        consent_id=decision.id,
        participant_id=place.participant_id,
        purpose=decision.purpose,
        basis=decision.basis,
        decided_by=decision.decided_by,
    )


def _draft(place: _Place, data: ConsentGranted | ConsentRevoked, now: datetime) -> EventDraft:
    return EventDraft(data, place.now_ms(now), place.participant_id, time=now)


async def _tracks_to_stop(
    connection: AsyncConnection, tenant_id: str, place: _Place, decision: ConsentDecision
) -> list[Track]:
    kinds = tracks_stopped_by(decision.purpose)
    if decision.granted or not kinds:
        return []
    found = await open_live_tracks(connection, tenant_id, place.lesson.id, place.participant_id)
    return [track for track in found if track.kind in kinds]
