"""Who a caller is to what they ask for: the facts that the policy decides on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.events import LearningEvent
from lessons.events.breakouts import BreakoutClosed, BreakoutEntered, BreakoutLeft
from lessons.policy import Credential, Situation, Standing, Target
from lessons.roles import Role
from lessons.store.appending import lesson_not_found
from lessons.store.database import Database
from lessons.store.ledger import Ledger
from lessons.store.roster import Roster, read_roster
from lessons.store.tables import contracts, guardianships, participants, role_assignments
from lessons.store.tables import lessons as lesson_table


class StandingStore:
    """Reads what a decision rests on. Nothing is kept: a role that changed counts at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = Ledger(database)

    async def situation(self, caller: Credential, target: Target) -> Situation:
        """Return who the caller is to the target, as it stands now.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        if caller.kind == "api_key":
            return Situation((), target)
        assigned = await self._assigned(caller)
        async with self._database.transaction(caller.tenant_id) as connection:
            situation = await _Facts(connection, caller, target).situation(assigned)
        assists = any(item.role is Role.TEACHING_ASSISTANT for item in situation.standings)
        if target.lesson_id is None or situation.participant_id is None or not assists:
            return situation
        breakouts = await self.breakouts(caller.tenant_id, target.lesson_id)
        return replace(situation, breakouts=breakouts)

    async def breakouts(self, tenant_id: str, lesson_id: str) -> Mapping[str, str]:
        """Return in which breakout room each participant is now; who is in none is not in it."""
        rooms: dict[str, str] = {}
        types = (BreakoutEntered.type, BreakoutLeft.type, BreakoutClosed.type)
        for event in await self._ledger.read_all(tenant_id, lesson_id, types):
            _follow_breakouts(rooms, event)
        return rooms

    async def _assigned(self, caller: Credential) -> tuple[Standing, ...]:
        """Return the roles that a person was given at a node or for a course."""
        if caller.kind != "person":
            return ()
        query = select(role_assignments.c.role, role_assignments.c.course_id).where(
            role_assignments.c.tenant_id == caller.home_tenant_id,
            role_assignments.c.person_id == caller.person_id,
            role_assignments.c.ended_at.is_(None),
        )
        async with self._database.transaction(caller.home_tenant_id) as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            Standing(Role(row.role), caller.home_tenant_id, course_id=row.course_id) for row in rows
        )


def _follow_breakouts(rooms: dict[str, str], event: LearningEvent) -> None:
    """Bring `rooms`, the room of each participant, to where this event leaves them."""
    if isinstance(event.data, BreakoutEntered) and event.subject:
        rooms[event.subject] = event.data.room_id
    elif isinstance(event.data, BreakoutLeft) and event.subject:
        rooms.pop(event.subject, None)
    elif isinstance(event.data, BreakoutClosed):
        closed = event.data.room_id
        for member in [member for member, room in rooms.items() if room == closed]:
            del rooms[member]


class _Facts:
    """The facts of one decision, read within one transaction of the tenant acted on."""

    def __init__(self, connection: AsyncConnection, caller: Credential, target: Target) -> None:
        self._connection = connection
        self._caller = caller
        self._tenant_id = caller.tenant_id
        self._target = target

    async def situation(self, assigned: tuple[Standing, ...]) -> Situation:
        there = await self._roster_there()
        own = await self._own_roster(there)
        places = own.places_of(self._caller) if own else []
        person_id = places[0].person_id if places else self._caller.person_id
        target = replace(
            self._target, course_id=there.course_id if there else self._target.course_id
        )
        standings = [*assigned, *self._in_lesson(own), *await self._shared(person_id)]
        guards = any(standing.role is Role.GUARDIAN for standing in standings)
        signed_in = self._caller.kind == "person"
        children = await self._children(person_id) if guards or signed_in else frozenset()
        agreed = await self._contracts(person_id) if signed_in else frozenset()
        return Situation(
            standings=(*standings, *self._implied(children, agreed)),
            target=replace(target, person_within=await self._within(standings)),
            person_id=person_id,
            participant_id=places[0].participant_id if places and own is there else None,
            signed_in=signed_in,
            children=children,
            child_participants=there.participants_of(children) if there else frozenset(),
            child_courses=await self._courses_of(children),
            contracts=agreed,
            members=there.members if there else frozenset(),
            learners=there.learners if there else 0,
        )

    async def _roster_there(self) -> Roster | None:
        if self._target.lesson_id is None:
            return None
        roster = await read_roster(self._connection, self._tenant_id, self._target.lesson_id)
        if roster is None:
            raise lesson_not_found(self._target.lesson_id)
        return roster

    async def _own_roster(self, there: Roster | None) -> Roster | None:
        """Return the roster of a token's own lesson; a person's is that of the target."""
        lesson_id = self._caller.lesson_id
        if lesson_id is None or (there and there.lesson_id == lesson_id):
            return there
        return await read_roster(self._connection, self._tenant_id, lesson_id)

    def _in_lesson(self, own: Roster | None) -> list[Standing]:
        if own is None:
            return []
        return [
            Standing(place.role, self._tenant_id, own.lesson_id, own.course_id)
            for place in own.places_of(self._caller)
        ]

    def _implied(self, children: frozenset[str], agreed: frozenset[str]) -> list[Standing]:
        """Return the roles that follow from being somebody's guardian, or a contract's client."""
        implied = {Role.GUARDIAN: children, Role.INSTITUTIONAL_CLIENT: agreed}
        return [Standing(role, self._tenant_id) for role, reasons in implied.items() if reasons]

    async def _shared(self, person_id: str | None) -> list[Standing]:
        """Return a signed-in person's roles in lessons of the target course or with its person."""
        target = self._target
        if self._caller.kind != "person" or (target.course_id or target.person_id) is None:
            return []
        mine, theirs = participants.alias("mine"), participants.alias("theirs")
        taught, taken = lesson_table.alias("taught"), lesson_table.alias("taken")
        query = (
            select(mine.c.role, taught.c.course_id, func.min(mine.c.lesson_id).label("lesson_id"))
            .join(
                taught, (taught.c.tenant_id == mine.c.tenant_id) & (taught.c.id == mine.c.lesson_id)
            )
            .where(mine.c.tenant_id == self._tenant_id, mine.c.person_id == person_id)
            .group_by(mine.c.role, taught.c.course_id)
        )
        if target.person_id is None:
            query = query.where(taught.c.course_id == target.course_id)
        else:
            query = (
                query.join(theirs, theirs.c.tenant_id == mine.c.tenant_id)
                .join(
                    taken,
                    (taken.c.tenant_id == theirs.c.tenant_id) & (taken.c.id == theirs.c.lesson_id),
                )
                .where(
                    theirs.c.person_id == target.person_id,
                    or_(taken.c.id == taught.c.id, taken.c.course_id == taught.c.course_id),
                )
            )
        rows = (await self._connection.execute(query)).all()
        return [
            Standing(Role(row.role), self._tenant_id, row.lesson_id, row.course_id) for row in rows
        ]

    async def _within(self, standings: Iterable[Standing]) -> frozenset[str]:
        """Return those lessons and courses of the standings in which the target person is."""
        person_id = self._target.person_id
        if person_id is None:
            return frozenset()
        held = {item.lesson_id for item in standings} | {item.course_id for item in standings}
        known = [identifier for identifier in held if identifier]
        took_part = (
            select(participants.c.lesson_id, lesson_table.c.course_id)
            .join(
                lesson_table,
                (lesson_table.c.tenant_id == participants.c.tenant_id)
                & (lesson_table.c.id == participants.c.lesson_id),
            )
            .where(
                participants.c.tenant_id == self._tenant_id,
                participants.c.person_id == person_id,
                or_(lesson_table.c.id.in_(known), lesson_table.c.course_id.in_(known)),
            )
        )
        enrolled = select(role_assignments.c.course_id).where(
            role_assignments.c.tenant_id == self._tenant_id,
            role_assignments.c.person_id == person_id,
            role_assignments.c.ended_at.is_(None),
            role_assignments.c.course_id.in_(known),
        )
        rows = (await self._connection.execute(took_part)).all()
        courses = (await self._connection.scalars(enrolled)).all()
        return frozenset(item for row in rows for item in row if item) | frozenset(courses)

    async def _children(self, person_id: str | None) -> frozenset[str]:
        query = select(guardianships.c.child_id).where(
            guardianships.c.tenant_id == self._tenant_id,
            guardianships.c.guardian_id == person_id,
            guardianships.c.ended_at.is_(None),
        )
        return frozenset((await self._connection.scalars(query)).all())

    async def _courses_of(self, children: frozenset[str]) -> frozenset[str]:
        """Return the target course, if a child takes part in one of its lessons."""
        if not children or self._target.course_id is None:
            return frozenset()
        query = (
            select(lesson_table.c.course_id)
            .join(
                participants,
                (participants.c.tenant_id == lesson_table.c.tenant_id)
                & (participants.c.lesson_id == lesson_table.c.id),
            )
            .where(
                lesson_table.c.tenant_id == self._tenant_id,
                lesson_table.c.course_id == self._target.course_id,
                participants.c.person_id.in_(children),
            )
            .limit(1)
        )
        return frozenset((await self._connection.scalars(query)).all())

    async def _contracts(self, person_id: str | None) -> frozenset[str]:
        today = datetime.now(UTC).date()
        query = select(contracts.c.id).where(
            contracts.c.tenant_id == self._tenant_id,
            contracts.c.client_person_id == person_id,
            contracts.c.valid_from <= today,
            or_(contracts.c.valid_until.is_(None), contracts.c.valid_until >= today),
        )
        return frozenset((await self._connection.scalars(query)).all())
