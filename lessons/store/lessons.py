"""Lessons and the people in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.errors import Conflict, InvalidInput, NotFound
from lessons.events import EventDraft, LessonEnded, LessonStarted, RoleChanged
from lessons.identifiers import new_id
from lessons.records import Lesson, Participant
from lessons.roles import Role
from lessons.store.appending import append_in, lesson_not_found
from lessons.store.database import Database
from lessons.store.people import find_or_make_person
from lessons.store.tables import lessons as lesson_table
from lessons.store.tables import participants

UNATTRIBUTED = "Unattributed"
"""Name of the participant of speech that nobody claims; voices are never guessed."""

_LESSON_OF = "SELECT * FROM lesson_of(%s, %s)"


class LessonStore:
    """Creates, starts and ends lessons, and keeps who is in them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create_lesson(
        self,
        tenant_id: str,
        *,
        title: str,
        language: str = "en",
        vocabulary: Sequence[str] = (),
        consent_basis: str | None = None,
        sample: bool = False,
        course_id: str | None = None,
    ) -> Lesson:
        """Store a scheduled lesson.

        Raises:
            InvalidInput: the title is empty, or the tenant has no such course.
        """
        if not title.strip():
            raise InvalidInput("A lesson needs a title.", field="title")
        lesson = Lesson(
            id=new_id("les"),
            tenant_id=tenant_id,
            title=title,
            status="scheduled",
            created_at=datetime.now(UTC),
            language=language,
            vocabulary=list(vocabulary),
            consent_basis=consent_basis or None,
            sample=sample,
            course_id=course_id,
        )
        row = {**lesson.model_dump(), "day": lesson.created_at.date(), "last_sequence": 0}
        try:
            async with self._database.transaction(tenant_id) as connection:
                await connection.execute(insert(lesson_table).values(row))
        except IntegrityError as error:  # the only reference of a lesson is the one to its course
            raise InvalidInput(
                f"There is no course {course_id!r}.",
                field="course_id",
                fix="Create it at POST /v1/courses first.",
            ) from error
        return lesson

    async def get_lesson(self, tenant_id: str, lesson_id: str) -> Lesson:
        """Return one lesson.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        # Every request about a lesson asks this, so it first takes the way of one round trip.
        if self._database.pin.is_known_to_be_here(tenant_id):
            row = await self._database.single_statements.run(_LESSON_OF, (tenant_id, lesson_id))
            if row is not None:
                return Lesson.model_validate(row)
        async with self._database.transaction(tenant_id) as connection:
            return await read_lesson(connection, tenant_id, lesson_id)

    async def list_lessons(
        self,
        tenant_id: str,
        limit: int = 50,
        before: str | None = None,
        person_id: str | None = None,
    ) -> list[Lesson]:
        """Return the tenant's newest lessons, newest first.

        Args:
            before: id of the last lesson of the page before this one.
            person_id: only those in which this person takes part; None means all.

        Raises:
            NotFound: there is no lesson `before`.
        """
        query = (
            select(lesson_table)
            .where(lesson_table.c.tenant_id == tenant_id)
            .order_by(lesson_table.c.created_at.desc(), lesson_table.c.id.desc())
            .limit(limit)
        )
        if person_id is not None:
            taking_part = select(participants.c.lesson_id).where(
                participants.c.tenant_id == tenant_id, participants.c.person_id == person_id
            )
            query = query.where(lesson_table.c.id.in_(taking_part))
        async with self._database.transaction(tenant_id) as connection:
            if before is not None:
                last = await read_lesson(connection, tenant_id, before)
                position = tuple_(lesson_table.c.created_at, lesson_table.c.id)
                query = query.where(position < (last.created_at, last.id))
            rows = (await connection.execute(query)).all()
        return [Lesson.model_validate(row) for row in rows]

    async def start_lesson(self, tenant_id: str, lesson_id: str) -> Lesson:
        """Start the lesson clock, once; starting a live lesson again changes nothing.

        Raises:
            NotFound: the tenant has no such lesson.
            Conflict: the lesson has ended.
        """
        async with self._database.transaction(tenant_id) as connection:
            lesson = await read_lesson(connection, tenant_id, lesson_id, lock=True)
            refuse_ended(lesson)
            if lesson.status == "live":
                return lesson
            now = datetime.now(UTC)
            started = lesson.model_copy(update={"status": "live", "started_at": now})
            await _save_status(connection, started)
            data = LessonStarted(title=lesson.title, language=lesson.language)
            await append_in(connection, tenant_id, lesson_id, [EventDraft(data, 0, time=now)])
        return started

    async def end_lesson(self, tenant_id: str, lesson_id: str) -> Lesson:
        """End the lesson, once; no track can be published afterwards.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        async with self._database.transaction(tenant_id) as connection:
            lesson = await read_lesson(connection, tenant_id, lesson_id, lock=True)
            if lesson.status == "ended":
                return lesson
            now = datetime.now(UTC)
            ended = lesson.model_copy(update={"status": "ended", "ended_at": now})
            await _save_status(connection, ended)
            length = round((now - (lesson.started_at or now)).total_seconds() * 1000)
            draft = EventDraft(LessonEnded(duration_ms=length), length, time=now)
            await append_in(connection, tenant_id, lesson_id, [draft])
        return ended

    async def add_participant(
        self,
        tenant_id: str,
        lesson_id: str,
        name: str,
        role: Role,
        external_id: str | None = None,
    ) -> Participant:
        """Add a person to the lesson.

        Raises:
            NotFound: the tenant has no such lesson.
            InvalidInput: the name is empty.
            Conflict: the lesson has a participant with this `external_id`.
        """
        if not name.strip():
            raise InvalidInput("A participant needs a name.", field="name")
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id)
            participant = Participant(
                id=new_id("par"),
                lesson_id=lesson_id,
                person_id=await find_or_make_person(connection, tenant_id, name, external_id),
                name=name,
                role=role,
                external_id=external_id,
            )
            row = {
                **participant.model_dump(),
                "tenant_id": tenant_id,
                "created_at": datetime.now(UTC),
            }
            try:
                await connection.execute(insert(participants).values(row))
            except IntegrityError as error:
                raise Conflict(
                    f"The lesson has a participant {external_id!r} already.", field="external_id"
                ) from error
        return participant

    async def change_role(
        self, tenant_id: str, lesson_id: str, participant_id: str, role: Role, changed_by: str
    ) -> Participant:
        """Give a participant another role from now on, once; the same role changes nothing.

        Args:
            changed_by: id of the API key, person or participant that does it.

        Raises:
            NotFound: the lesson has no such participant.
        """
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id, lock=True)
            before = await read_participant(connection, tenant_id, lesson_id, participant_id)
            if before.role is role:
                return before
            await connection.execute(
                update(participants)
                .where(participants.c.tenant_id == tenant_id, participants.c.id == participant_id)
                .values(role=role)
            )
            data = RoleChanged(
                participant_id=participant_id,
                previous_role=before.role,
                role=role,
                changed_by=changed_by,
            )
            draft = EventDraft(data, None, subject=participant_id)
            await append_in(connection, tenant_id, lesson_id, [draft])
        return before.model_copy(update={"role": role})

    async def list_participants(self, tenant_id: str, lesson_id: str) -> list[Participant]:
        """Return the lesson's participants in the order in which they were added.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        query = (
            select(participants)
            .where(participants.c.tenant_id == tenant_id, participants.c.lesson_id == lesson_id)
            .order_by(participants.c.created_at, participants.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id)
            rows = (await connection.execute(query)).all()
        return [Participant.model_validate(row) for row in rows]

    async def unattributed(self, tenant_id: str, lesson_id: str) -> Participant:
        """Return the participant that stands for whoever cannot be told apart in the room.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        for participant in await self.list_participants(tenant_id, lesson_id):
            if participant.name == UNATTRIBUTED and participant.role is Role.OBSERVER:
                return participant
        return await self.add_participant(tenant_id, lesson_id, UNATTRIBUTED, Role.OBSERVER)

    async def get_participant(
        self, tenant_id: str, lesson_id: str, participant_id: str
    ) -> Participant:
        """Return one participant of the lesson.

        Raises:
            NotFound: the lesson has no such participant.
        """
        async with self._database.transaction(tenant_id) as connection:
            return await read_participant(connection, tenant_id, lesson_id, participant_id)


async def read_participant(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, participant_id: str
) -> Participant:
    """Return one participant within a transaction of the caller.

    Raises:
        NotFound: the lesson has no such participant.
    """
    query = select(participants).where(
        participants.c.tenant_id == tenant_id,
        participants.c.lesson_id == lesson_id,
        participants.c.id == participant_id,
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise NotFound(f"The lesson has no participant {participant_id!r}.", field="participant_id")
    return Participant.model_validate(row)


async def read_lesson(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, *, lock: bool = False
) -> Lesson:
    """Return one lesson within a transaction of the caller; `lock` keeps it as it is until commit.

    Raises:
        NotFound: the tenant has no such lesson.
    """
    query = select(lesson_table).where(
        lesson_table.c.tenant_id == tenant_id, lesson_table.c.id == lesson_id
    )
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise lesson_not_found(lesson_id)
    return Lesson.model_validate(row)


def refuse_ended(lesson: Lesson) -> None:
    """Raise Conflict if the lesson has ended."""
    if lesson.status == "ended":
        raise Conflict(
            "The lesson has ended.",
            field="lesson_id",
            fix="Create a new lesson at POST /v1/lessons.",
        )


async def _save_status(connection: AsyncConnection, lesson: Lesson) -> None:
    await connection.execute(
        update(lesson_table)
        .where(lesson_table.c.tenant_id == lesson.tenant_id, lesson_table.c.id == lesson.id)
        .values(status=lesson.status, started_at=lesson.started_at, ended_at=lesson.ended_at)
    )
