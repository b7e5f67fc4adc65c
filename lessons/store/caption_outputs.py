"""Where a lesson's captions are sent to, and how far that has come, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from lessons.errors import NotFound
from lessons.records import Record
from lessons.store.database import Database
from lessons.store.lessons import read_lesson
from lessons.store.tables import caption_outputs, lessons

ZOOM = "zoom"
_ERROR_CHARACTERS = 500

OutputStatus = Literal["active", "stopped"]


class CaptionOutput(Record):
    """An output of a lesson's captions, without its address.

    Attributes:
        host: of the address; the rest of it is a secret.
        read_sequence: the events up to this one are sent.
        lines_sent: so many lines of the next one are sent too.
        next_number: the number of the next line; None: the receiver has to be asked.
        in_flight: whether a line went out under that number and nobody knows whether it arrived.
        sent: lines in all.
        put_at: when the address was given; whoever goes on with an earlier one is refused.
        failed_attempts: in a row, since the last line that was taken.
    """

    tenant_id: str
    lesson_id: str
    host: str
    language: str
    status: OutputStatus
    read_sequence: int
    lines_sent: int
    next_number: int | None
    in_flight: bool
    sent: int
    failed_attempts: int
    last_error: str | None
    last_error_at: AwareDatetime | None
    last_sent_at: AwareDatetime | None
    put_at: AwareDatetime
    created_at: AwareDatetime


class CaptionOutputStore:
    """Keeps outputs. Their addresses are stored under the installation's master key."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keyring = database.keyring

    async def put(
        self, tenant_id: str, lesson_id: str, *, url: str, host: str, language: str
    ) -> CaptionOutput:
        """Send a lesson's captions to an address: from now on, or on from where they were.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        address = {
            "host": host,
            "sealed_url": self._keyring.master.seal_text(url, _place(tenant_id, lesson_id)),
            "language": language,
            "status": "active",
            "next_number": None,
            "in_flight": False,
            "failed_attempts": 0,
            "last_error": None,
            "last_error_at": None,
            "put_at": datetime.now(UTC),
        }
        key = {"tenant_id": tenant_id, "lesson_id": lesson_id, "kind": ZOOM}
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id)
            newest = await connection.scalar(
                select(lessons.c.last_sequence).where(
                    lessons.c.tenant_id == tenant_id, lessons.c.id == lesson_id
                )
            )
            begun = {
                "read_sequence": newest,
                "lines_sent": 0,
                "sent": 0,
                "created_at": datetime.now(UTC),
            }
            statement = (
                insert(caption_outputs)
                .values(key | address | begun)
                .on_conflict_do_update(index_elements=list(key), set_=address)
                .returning(*_COLUMNS)
            )
            return CaptionOutput.model_validate((await connection.execute(statement)).one())

    async def get(self, tenant_id: str, lesson_id: str) -> CaptionOutput:
        """Return a lesson's output.

        Raises:
            NotFound: it has none.
        """
        query = select(*_COLUMNS).where(*_is(tenant_id, lesson_id))
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise _not_found(lesson_id)
        return CaptionOutput.model_validate(row)

    async def url(self, tenant_id: str, lesson_id: str) -> str:
        """Return the address of a lesson's output.

        Raises:
            NotFound: it has none.
        """
        query = select(caption_outputs.c.sealed_url).where(*_is(tenant_id, lesson_id))
        async with self._database.transaction(tenant_id) as connection:
            sealed: str | None = await connection.scalar(query)
        if sealed is None:
            raise _not_found(lesson_id)
        return self._keyring.master.open_text(sealed, _place(tenant_id, lesson_id))

    async def waiting(self, tenant_id: str) -> list[str]:
        """Return the lessons whose output has something to read."""
        columns = caption_outputs.c
        query = (
            select(columns.lesson_id)
            .join(
                lessons,
                (lessons.c.tenant_id == columns.tenant_id) & (lessons.c.id == columns.lesson_id),
            )
            .where(
                columns.tenant_id == tenant_id,
                columns.status == "active",
                lessons.c.last_sequence > columns.read_sequence,
            )
        )
        async with self._database.transaction(tenant_id) as connection:
            return list(await connection.scalars(query))

    async def note(self, output: CaptionOutput, **values: Any) -> CaptionOutput:
        """Store how far an output has come; return it as it is then.

        Raises:
            NotFound: it was deleted, or has another address, since then.
        """
        return await self._change(output, values)

    async def note_failure(
        self, output: CaptionOutput, reason: str, at: datetime, **values: Any
    ) -> CaptionOutput:
        """Store that the receiver did not take a line, or did not say whether it did.

        Raises:
            NotFound: it was deleted, or has another address, since then.
        """
        failure = {
            "failed_attempts": caption_outputs.c.failed_attempts + 1,
            "last_error": reason[:_ERROR_CHARACTERS],
            "last_error_at": at,
        }
        return await self._change(output, failure | values)

    async def delete(self, tenant_id: str, lesson_id: str) -> None:
        """Send no more.

        Raises:
            NotFound: the lesson has no output.
        """
        statement = (
            delete(caption_outputs)
            .where(*_is(tenant_id, lesson_id))
            .returning(caption_outputs.c.lesson_id)
        )
        async with self._database.transaction(tenant_id) as connection:
            if await connection.scalar(statement) is None:
                raise _not_found(lesson_id)

    async def _change(self, output: CaptionOutput, values: Mapping[str, Any]) -> CaptionOutput:
        tenant_id, lesson_id = output.tenant_id, output.lesson_id
        statement = (
            update(caption_outputs)
            .where(*_is(tenant_id, lesson_id), caption_outputs.c.put_at == output.put_at)
            .values(**values)
            .returning(*_COLUMNS)
        )
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise _not_found(lesson_id)
        return CaptionOutput.model_validate(row)


_COLUMNS = tuple(
    column for column in caption_outputs.c if column.name not in ("kind", "sealed_url")
)


def _is(tenant_id: str, lesson_id: str) -> tuple[Any, ...]:
    columns = caption_outputs.c
    return columns.tenant_id == tenant_id, columns.lesson_id == lesson_id, columns.kind == ZOOM


def _place(tenant_id: str, lesson_id: str) -> str:
    """Return what a sealed address is bound to: in another row it does not open."""
    return f"caption_outputs/{tenant_id}/{lesson_id}/{ZOOM}"


def _not_found(lesson_id: str) -> NotFound:
    return NotFound(
        f"The captions of lesson {lesson_id!r} are not sent to Zoom.",
        field="lesson_id",
        fix="PUT the meeting's caption URL there first.",
    )
