"""A lesson as one ingest worker holds it: its clock, its writer and whoever publishes here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from lessons.errors import LecternError
from lessons.events import EventDraft, LearningEvent, LessonEnded, PartialCaption
from lessons.events.presence import RoleChanged
from lessons.events.privacy import ConsentGranted, ConsentRevoked
from lessons.records import Lesson
from lessons.store import Committed, Ledger, LiveFeed
from media_ingest.lesson_clock import LessonClock
from serving.live.caption_meter import CaptionMeters
from serving.live.ledger_writer import LedgerWriter
from serving.live.live_vocabulary import VOCABULARY_TYPES, LiveVocabulary

logger = logging.getLogger(__name__)

WATCHED_TYPES = (
    LessonEnded.type,
    ConsentGranted.type,
    ConsentRevoked.type,
    RoleChanged.type,
    *VOCABULARY_TYPES,
)

MEASURING_SECONDS = 1.0
"""How often it is looked whether captions are late."""

WRITE_OUT_SECONDS = 8.0
"""How long a closing lesson waits for PostgreSQL before its unwritten finals are given up."""


class LiveLesson:
    """The part of a lesson that one worker holds; made for its first peer, closed after its last.

    Args:
        lesson: a lesson that has started.
        ledger: where finals go.
        feed: where partials pass by.
        vocabulary: the lesson's own words, which are kept as long as the lesson is held.
        on_ended: called once, when the lesson's end is in the ledger.
        on_decided: called with a participant's id whenever they have given or taken back a
            consent, or have another role.
    """

    def __init__(
        self,
        lesson: Lesson,
        ledger: Ledger,
        feed: LiveFeed,
        vocabulary: LiveVocabulary,
        on_ended: Callable[[], None],
        on_decided: Callable[[str], None],
    ) -> None:
        if lesson.started_at is None:
            raise ValueError("the lesson has not started, so it has no clock")
        self.lesson = lesson
        self.clock = LessonClock(lesson.started_at)
        self.publications = 0
        self.vocabulary = vocabulary
        self._ledger = ledger
        self._feed = feed
        self._on_ended = on_ended
        self._on_decided = on_decided
        self._writer = LedgerWriter(ledger, lesson.tenant_id, lesson.id)
        self.meters = CaptionMeters()
        self._writing = asyncio.create_task(self._writer.run())
        self._measuring = asyncio.create_task(self._measure())
        self._watching = asyncio.create_task(self._watch())
        self._renewing = asyncio.create_task(vocabulary.run())

    @property
    def waiting_events(self) -> int:
        """Finals that are not in the ledger yet."""
        return self._writer.waiting_events

    async def partial(self, caption: PartialCaption) -> None:
        """Pass a partial by to the lesson's readers; without a database there are none."""
        await self._feed.publish_partial(self.lesson.tenant_id, self.lesson.id, caption)

    def record(self, draft: EventDraft) -> None:
        """Take an event of this lesson for the ledger, such as a final caption."""
        self._writer.submit(draft)

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(MEASURING_SECONDS)
            self.meters.tick()

    async def close(self) -> None:
        """Write out what waits, as long as PostgreSQL is there to take it."""
        self._watching.cancel()
        self._measuring.cancel()
        self.meters.end_all()
        self._renewing.cancel()
        self._writer.close()
        try:
            async with asyncio.timeout(WRITE_OUT_SECONDS):
                await self._writing
        except TimeoutError:
            logger.error(
                "lesson %s: %d events were not written", self.lesson.id, self.waiting_events
            )

    async def _watch(self) -> None:
        """Follow the ledger for what concerns the media itself."""
        cursor = 0
        async with self._feed.subscribe(self.lesson.tenant_id, self.lesson.id) as messages:
            async for message in messages:
                if not isinstance(message, Committed):
                    continue
                events = await self._read_watched(cursor)
                for event in events:
                    cursor = event.ledgersequence
                    if isinstance(event.data, LessonEnded):
                        self._on_ended()
                        return
                    if not self.vocabulary.take(event) and event.subject is not None:
                        # By the envelope: of somebody who was erased meanwhile it is all there is.
                        self._on_decided(event.subject)

    async def _read_watched(self, after: int) -> list[LearningEvent]:
        """Return all that is new: a class that opens slides may fill pages."""
        lesson = self.lesson
        try:
            return await self._ledger.read_all(lesson.tenant_id, lesson.id, WATCHED_TYPES, after)
        except LecternError as outage:
            logger.debug("cannot read on in %s: %s", self.lesson.id, outage)
            return []
