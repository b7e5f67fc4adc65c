"""Recordings: files on their way through the pipeline, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from lessons.errors import InvalidInput, NotFound
from lessons.identifiers import new_id
from lessons.records import Recording, RecordingFile
from lessons.store.database import Database
from lessons.store.lessons import read_lesson, refuse_ended
from lessons.store.tables import recordings


class RecordingStore:
    """Keeps recordings and their progress."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        tenant_id: str,
        lesson_id: str,
        files: Sequence[RecordingFile],
        recording_id: str | None = None,
    ) -> Recording:
        """Queue a recording of the lesson.

        Args:
            recording_id: an id made before with `new_id("rec")`, for naming the files after it.

        Raises:
            NotFound: the tenant has no such lesson.
            Conflict: the lesson has ended.
            InvalidInput: there are no files.
        """
        if not files:
            raise InvalidInput("A recording needs at least one file.", field="files")
        recording = Recording(
            id=recording_id or new_id("rec"),
            lesson_id=lesson_id,
            status="queued",
            progress=0.0,
            files=list(files),
        )
        row = {
            **recording.model_dump(mode="json"),
            "tenant_id": tenant_id,
            "created_at": datetime.now(UTC),
        }
        async with self._database.transaction(tenant_id) as connection:
            refuse_ended(await read_lesson(connection, tenant_id, lesson_id))
            await connection.execute(insert(recordings).values(row))
        return recording

    async def get(self, tenant_id: str, lesson_id: str, recording_id: str) -> Recording:
        """Return one recording of the lesson.

        Raises:
            NotFound: the lesson has no such recording.
        """
        query = select(recordings).where(
            recordings.c.tenant_id == tenant_id,
            recordings.c.lesson_id == lesson_id,
            recordings.c.id == recording_id,
        )
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise _not_found(recording_id)
        return Recording.model_validate(row)

    async def list_recordings(self, tenant_id: str, lesson_id: str) -> list[Recording]:
        """Return the lesson's recordings, oldest first.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        query = (
            select(recordings)
            .where(recordings.c.tenant_id == tenant_id, recordings.c.lesson_id == lesson_id)
            .order_by(recordings.c.created_at, recordings.c.id)
        )
        async with self._database.transaction(tenant_id) as connection:
            await read_lesson(connection, tenant_id, lesson_id)
            rows = (await connection.execute(query)).all()
        return [Recording.model_validate(row) for row in rows]

    async def set_progress(
        self, tenant_id: str, recording_id: str, progress: float, *, duration_ms: int | None = None
    ) -> Recording:
        """Mark a recording as being processed, `progress` (0..1) of the way.

        Raises:
            NotFound: the tenant has no such recording.
            InvalidInput: progress lies outside of 0..1.
        """
        if not 0 <= progress <= 1:
            raise InvalidInput("Progress lies outside of 0..1.", field="progress")
        values: dict[str, object] = {"status": "processing", "progress": progress, "error": None}
        if duration_ms is not None:
            values["duration_ms"] = duration_ms
        return await self._update(tenant_id, recording_id, values)

    async def finish(self, tenant_id: str, recording_id: str) -> Recording:
        """Mark a recording as done; NotFound if the tenant has no such recording."""
        return await self._update(tenant_id, recording_id, {"status": "done", "progress": 1.0})

    async def fail(self, tenant_id: str, recording_id: str, error: str) -> Recording:
        """Mark a recording as failed and say why; NotFound if there is no such recording."""
        return await self._update(tenant_id, recording_id, {"status": "failed", "error": error})

    async def _update(
        self, tenant_id: str, recording_id: str, values: dict[str, object]
    ) -> Recording:
        statement = (
            update(recordings)
            .where(recordings.c.tenant_id == tenant_id, recordings.c.id == recording_id)
            .values(**values)
            .returning(recordings)
        )
        async with self._database.transaction(tenant_id) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise _not_found(recording_id)
        return Recording.model_validate(row)


def _not_found(recording_id: str) -> NotFound:
    return NotFound(f"There is no recording {recording_id!r}.", field="recording_id")
