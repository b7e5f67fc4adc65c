"""Corrections of captions, each a revision of its own: numbered under the lesson's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from lessons.captions import Caption, captions_of
from lessons.errors import Conflict, NotFound
from lessons.events import CaptionCorrected, CaptionFinal, EventDraft, LearningEvent
from lessons.privacy.masking import Masking
from lessons.store.appending import append_in, lesson_not_found
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_as_stored
from lessons.store.masking import masking_in
from lessons.store.tables import learning_events
from lessons.store.tables import lessons as lesson_table


@dataclass(frozen=True, slots=True)
class CorrectedText:
    """What somebody wants a caption to say.

    Attributes:
        corrected_by: id of the participant, person or API key.
        participant_id: who they are in the lesson, if they are in it.
        seen_revision: the revision that they corrected; None takes whatever stands there.
    """

    text: str
    corrected_by: str
    participant_id: str | None = None
    reason: str | None = None
    seen_revision: int | None = None


class CaptionCorrections:
    """Puts a lesson's captions right."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unmasked(self, tenant_id: str, lesson_id: str, caption_id: str) -> Caption:
        """Return a caption as it is stored, for whoever puts it right: nothing in it is masked.

        Raises:
            NotFound: the lesson has no such caption.
        """
        async with self._database.transaction(tenant_id) as connection:
            day = await _day_of(connection, tenant_id, lesson_id)
            events = await _texts(connection, tenant_id, lesson_id, day)
        return _find(events, caption_id)

    async def correct(
        self, tenant_id: str, lesson_id: str, caption_id: str, wanted: CorrectedText
    ) -> LearningEvent:
        """Store a correction under the next revision, which nobody else can be given.

        What is masked in it stays what was said. The event comes back as it may be read.

        Raises:
            NotFound: the lesson has no such caption.
            Conflict: somebody corrected it since it was seen; the reason says what it says now.
            InvalidInput: it cannot be told what is masked in it.
        """
        async with self._database.transaction(tenant_id) as connection:
            day = await _day_of(connection, tenant_id, lesson_id)
            events = await _texts(connection, tenant_id, lesson_id, day)
        _find(events, caption_id)
        last = events[-1].ledgersequence
        async with self._database.transaction(tenant_id) as connection:
            await _day_of(connection, tenant_id, lesson_id, lock=True)
            # Whatever was appended since the events were read; nothing more can be until commit.
            events += await _texts(connection, tenant_id, lesson_id, day, last)
            masking = await masking_in(connection, tenant_id)
            draft = _draft(_find(events, caption_id), wanted, masking)
            (appended,) = await append_in(connection, tenant_id, lesson_id, [draft])
        data = masking.of_event(appended.event.data)
        return appended.event.model_copy(update={"data": data})


async def _day_of(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, *, lock: bool = False
) -> date:
    """Return the day whose partition holds a lesson's events; with `lock`, let nobody append."""
    lesson = lesson_table.c
    query = select(lesson.day).where(lesson.tenant_id == tenant_id, lesson.id == lesson_id)
    day: date | None = await connection.scalar(query.with_for_update() if lock else query)
    if day is None:
        raise lesson_not_found(lesson_id)
    return day


async def _texts(
    connection: AsyncConnection, tenant_id: str, lesson_id: str, day: date, after: int = 0
) -> list[LearningEvent]:
    """Return finals and corrections past a sequence number as they are stored."""
    columns = learning_events.c
    query = (
        select(*EVENT_COLUMNS)
        .where(
            columns.lesson_day == day,
            columns.lesson_id == lesson_id,
            columns.sequence > after,
            columns.type.in_([CaptionFinal.type, CaptionCorrected.type]),
        )
        .order_by(columns.sequence)
    )
    rows = (await connection.execute(query)).mappings().all()
    return await events_as_stored(connection, tenant_id, rows)


def _find(events: Sequence[LearningEvent], caption_id: str) -> Caption:
    caption = next((one for one in captions_of(events) if one.caption_id == caption_id), None)
    if caption is None:
        raise NotFound(f"The lesson has no caption {caption_id!r}.", field="caption_id")
    return caption


def _draft(caption: Caption, wanted: CorrectedText, masking: Masking) -> EventDraft:
    if wanted.seen_revision not in (None, caption.revision):
        raise Conflict(
            f"It is at revision {caption.revision} by now and says: {masking.of_caption(caption)}",
            field="revision",
            fix=f"Look at it again and send 'revision': {caption.revision}.",
        )
    data = CaptionCorrected(
        caption_id=caption.caption_id,
        revision=caption.revision + 1,
        text=masking.without_masks(wanted.text, caption),
        corrected_by=wanted.corrected_by,
        reason=wanted.reason,
    )
    return EventDraft(data, None, subject=wanted.participant_id, about=caption.participant_id)
