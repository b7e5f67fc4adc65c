"""The people of a tenant, across its lessons."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, NotFound
from lessons.identifiers import new_id
from lessons.records import Guardianship, Person, RoleAssignment
from lessons.roles import Role
from lessons.store.database import Database
from lessons.store.tables import courses, guardianships, people, role_assignments


class PeopleStore:
    """Keeps who the people of a tenant are, which roles they hold there, and who guards whom."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, tenant_id: str, name: str, external_id: str | None = None, email: str | None = None
    ) -> Person:
        """Add a person.

        Raises:
            Conflict: the tenant has a person of this `external_id`.
        """
        person = Person(
            id=new_id("per"),
            tenant_id=tenant_id,
            name=name,
            external_id=external_id,
            email=email,
            created_at=datetime.now(UTC),
        )
        async with self._database.transaction(tenant_id) as connection:
            try:
                await connection.execute(insert(people).values(person.model_dump()))
            except IntegrityError as error:
                raise _taken(external_id) from error
        return person

    async def get(self, tenant_id: str, person_id: str) -> Person:
        """Return one person.

        Raises:
            NotFound: the tenant has no such person.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await read_person(connection, tenant_id, person_id)

    async def find_by_external_id(self, tenant_id: str, external_id: str) -> Person | None:
        """Return the person that the platform knows under this name, or None."""
        query = select(people).where(
            people.c.tenant_id == tenant_id, people.c.external_id == external_id
        )
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else Person.model_validate(row)

    async def list_people(
        self, tenant_id: str, limit: int = 50, before: str | None = None
    ) -> list[Person]:
        """Return the tenant's people, newest first.

        Args:
            before: id of the last person of the page before this one.
        """
        query = select(people).where(people.c.tenant_id == tenant_id)
        if before is not None:
            query = query.where(people.c.id < before)
        async with self._database.transaction(tenant_id) as connection:
            rows = await connection.execute(query.order_by(people.c.id.desc()).limit(limit))
            return [Person.model_validate(row) for row in rows]

    async def change(self, tenant_id: str, person_id: str, **values: str) -> Person:
        """Change a person's `name`, `email` or `external_id`.

        Raises:
            NotFound: the tenant has no such person.
            Conflict: another person has this `external_id`.
        """
        async with self._database.transaction(tenant_id) as connection:
            await read_person(connection, tenant_id, person_id)
            if values:
                own = (people.c.tenant_id == tenant_id) & (people.c.id == person_id)
                try:
                    await connection.execute(update(people).where(own).values(values))
                except IntegrityError as error:
                    raise _taken(values.get("external_id")) from error
            return await read_person(connection, tenant_id, person_id)

    async def assign(
        self, tenant_id: str, person_id: str, role: Role, course_id: str | None = None
    ) -> RoleAssignment:
        """Give a person a role at the tenant's node and below, or in one course.

        Raises:
            NotFound: the tenant has no such person or course.
        """
        assignment = RoleAssignment(
            id=new_id("asg"),
            person_id=person_id,
            role=role,
            course_id=course_id,
            created_at=datetime.now(UTC),
        )
        row = {**assignment.model_dump(), "tenant_id": tenant_id}
        async with self._database.transaction(tenant_id) as connection:
            await read_person(connection, tenant_id, person_id)
            if course_id is not None:
                await _require_course(connection, tenant_id, course_id)
            await connection.execute(insert(role_assignments).values(row))
        return assignment

    async def assignments(self, tenant_id: str, person_id: str) -> list[RoleAssignment]:
        """Return the roles that a person holds now, oldest first."""
        query = (
            select(role_assignments)
            .where(
                role_assignments.c.tenant_id == tenant_id,
                role_assignments.c.person_id == person_id,
                role_assignments.c.ended_at.is_(None),
            )
            .order_by(role_assignments.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            rows = await connection.execute(query)
            return [RoleAssignment.model_validate(row) for row in rows]

    async def end_assignment(self, tenant_id: str, person_id: str, assignment_id: str) -> None:
        """Take a role away; open streams follow within seconds.

        Raises:
            NotFound: the person holds no such role.
        """
        statement = (
            update(role_assignments)
            .where(
                role_assignments.c.tenant_id == tenant_id,
                role_assignments.c.person_id == person_id,
                role_assignments.c.id == assignment_id,
                role_assignments.c.ended_at.is_(None),
            )
            .values(ended_at=datetime.now(UTC))
            .returning(role_assignments.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            if await connection.scalar(statement) is None:
                raise NotFound(
                    f"The person holds no role {assignment_id!r}.", field="assignment_id"
                )

    async def add_guardian(self, tenant_id: str, guardian_id: str, child_id: str) -> Guardianship:
        """Make a person the guardian of another; a second time changes nothing.

        Raises:
            NotFound: the tenant has no such person.
            Conflict: nobody is their own guardian.
        """
        if guardian_id == child_id:
            raise Conflict("Nobody is their own guardian.", field="guardian_id")
        row = {
            "tenant_id": tenant_id,
            "guardian_id": guardian_id,
            "child_id": child_id,
            "created_at": datetime.now(UTC),
        }
        pair = [guardianships.c.tenant_id, guardianships.c.guardian_id, guardianships.c.child_id]
        statement = insert(guardianships).values(row)
        async with self._database.transaction(tenant_id) as connection:
            await read_person(connection, tenant_id, child_id)
            await read_person(connection, tenant_id, guardian_id, field="guardian_id")
            kept = await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=pair, set_={"ended_at": None}
                ).returning(guardianships)
            )
            return Guardianship.model_validate(kept.one())

    async def guardians(self, tenant_id: str, child_id: str) -> list[Guardianship]:
        """Return who are a person's guardians now, oldest first."""
        query = (
            select(guardianships)
            .where(
                guardianships.c.tenant_id == tenant_id,
                guardianships.c.child_id == child_id,
                guardianships.c.ended_at.is_(None),
            )
            .order_by(guardianships.c.created_at, guardianships.c.guardian_id)
        )
        async with self._database.transaction(tenant_id) as connection:
            return [Guardianship.model_validate(row) for row in await connection.execute(query)]

    async def end_guardian(self, tenant_id: str, guardian_id: str, child_id: str) -> None:
        """End a guardianship; what the guardian could see of the child ends with it.

        Raises:
            NotFound: there is no such guardianship.
        """
        statement = (
            update(guardianships)
            .where(
                guardianships.c.tenant_id == tenant_id,
                guardianships.c.guardian_id == guardian_id,
                guardianships.c.child_id == child_id,
                guardianships.c.ended_at.is_(None),
            )
            .values(ended_at=datetime.now(UTC))
            .returning(guardianships.c.guardian_id)
        )
        async with self._database.transaction(tenant_id) as connection:
            if await connection.scalar(statement) is None:
                raise NotFound(f"{guardian_id!r} is no guardian here.", field="guardian_id")


async def read_person(
    connection: AsyncConnection, tenant_id: str, person_id: str, field: str = "person_id"
) -> Person:
    """Return one person within a transaction of the caller.

    Raises:
        NotFound: the tenant has no such person.
    """
    query = select(people).where(people.c.tenant_id == tenant_id, people.c.id == person_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no person {person_id!r}.", field=field, fix="List them at GET /v1/people."
        )
    return Person.model_validate(row)


async def _require_course(connection: AsyncConnection, tenant_id: str, course_id: str) -> None:
    query = select(courses.c.id).where(courses.c.tenant_id == tenant_id, courses.c.id == course_id)
    if await connection.scalar(query) is None:
        raise NotFound(f"There is no course {course_id!r}.", field="course_id")


def _taken(external_id: str | None) -> Conflict:
    return Conflict(
        f"The tenant has a person {external_id!r} already.",
        field="external_id",
        fix="Find them at GET /v1/people?external_id=...",
    )


async def find_or_make_person(
    connection: AsyncConnection, tenant_id: str, name: str, external_id: str | None
) -> str:
    """Return the id of the tenant's person of that `external_id`; make one where there is none.

    Without an `external_id` nobody can be found again, so a new person is made each time.
    """
    row = {
        "tenant_id": tenant_id,
        "id": new_id("per"),
        "name": name,
        "external_id": external_id,
        "created_at": datetime.now(UTC),
    }
    statement = insert(people).values(row).on_conflict_do_nothing().returning(people.c.id)
    made = await connection.scalar(statement)
    if made is not None:
        return str(made)
    known = await connection.scalar(
        select(people.c.id).where(
            people.c.tenant_id == tenant_id, people.c.external_id == external_id
        )
    )
    return str(known)
