"""Corrections of captions, each a revision of its own: numbered under the lesson's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lessons.captions import CAPTION_TYPES, Caption, captions_of
from lessons.errors import Conflict, NotFound
from lessons.events import CaptionCorrected, EventDraft, LearningEvent
from lessons.store.appending import append_in, lesson_not_found
from lessons.store.database import Database
from lessons.store.event_rows import EVENT_COLUMNS, events_of
from lessons.store.ledger import MAX_PAGE, Ledger
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
    """Reads a lesson's captions and puts them right."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ledger = Ledger(database)

    async def caption_events(self, tenant_id: str, lesson_id: str) -> list[LearningEvent]:
        """Return every event that the lesson's captions are made of.

        Raises:
            NotFound: the tenant has no such lesson.
        """
        events: list[LearningEvent] = []
        while True:
            after = events[-1].ledgersequence if events else 0
            page = await self._ledger.read(tenant_id, lesson_id, after, MAX_PAGE, CAPTION_TYPES)
            events += page
            if len(page) < MAX_PAGE:
                return events

    async def correct(
        self, tenant_id: str, lesson_id: str, caption_id: str, wanted: CorrectedText
    ) -> LearningEvent:
        """Store a correction under the next revision, which nobody else can be given.

        Raises:
            NotFound: the lesson has no such caption.
            Conflict: somebody corrected it since it was seen; the reason says what it says now.
        """
        events = await self.caption_events(tenant_id, lesson_id)
        _find(events, caption_id)
        last = events[-1].ledgersequence
        async with self._database.transaction(tenant_id) as connection:
            lesson = lesson_table.c
            own = (lesson.tenant_id == tenant_id, lesson.id == lesson_id)
            day = await connection.scalar(select(lesson.day).where(*own).with_for_update())
            if day is None:
                raise lesson_not_found(lesson_id)
            # Whatever was appended since the events were read; nothing more can be until commit.
            columns = learning_events.c
            rows = await connection.execute(
                select(*EVENT_COLUMNS)
                .where(
                    columns.lesson_day == day,
                    columns.lesson_id == lesson_id,
                    columns.sequence > last,
                    columns.type == CaptionCorrected.type,
                )
                .order_by(columns.sequence)
            )
            events += await events_of(connection, tenant_id, rows.mappings().all())
            draft = _draft(_find(events, caption_id), wanted)
            (appended,) = await append_in(connection, tenant_id, lesson_id, [draft])
        return appended.event


def _find(events: Sequence[LearningEvent], caption_id: str) -> Caption:
    caption = next((one for one in captions_of(events) if one.caption_id == caption_id), None)
    if caption is None:
        raise NotFound(f"The lesson has no caption {caption_id!r}.", field="caption_id")
    return caption


def _draft(caption: Caption, wanted: CorrectedText) -> EventDraft:
    if wanted.seen_revision not in (None, caption.revision):
        raise Conflict(
            f"It is at revision {caption.revision} by now and says: {caption.text}",
            field="revision",
            fix=f"Look at it again and send 'revision': {caption.revision}.",
        )
    data = CaptionCorrected(
        caption_id=caption.caption_id,
        revision=caption.revision + 1,
        text=wanted.text,
        corrected_by=wanted.corrected_by,
        reason=wanted.reason,
    )
    return EventDraft(data, None, subject=wanted.participant_id, about=caption.participant_id)
