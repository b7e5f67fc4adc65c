"""Where streams read from: the ledger of one lesson, or the commits of a course or a tenant."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from lessons.errors import Unavailable
from lessons.events import PartialCaption
from lessons.store import Committed, Ledger, LiveFeed, Passing, Subscription
from lessons.store.commits import CommitLog, Cursor
from lessons.store.masking import MaskingRules
from serving.web.stream_messages import Place, StreamMessage, passing_message, stored_message

logger = logging.getLogger(__name__)

PARTIAL = "caption.partial"
RECENT_EVENTS = 200
"""A lesson's stream begins so many events back, for readers that connect again."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Stored messages in order.

    Attributes:
        next: where to read on.
        full: there is more to read at once.
        held_back: there will be more without another notice.
    """

    messages: list[StreamMessage]
    next: Place
    full: bool
    held_back: bool = False


class StreamSource(Protocol):
    """What a stream is made of."""

    def subscribe(self) -> AbstractAsyncContextManager[Subscription]:
        """Give the notices of what is new."""

    def is_news(self, notice: Committed, head: Place) -> bool:
        """Tell whether there is something to read past `head`."""

    async def beginning(self) -> Place:
        """Return the place to begin at, for readers that want only what is new."""

    async def read(self, after: Place, limit: int) -> SourcePage:
        """Return up to `limit` stored messages past `after`."""

    async def passing(self, notice: Passing) -> StreamMessage | None:
        """Return what passes by as it may be read; None where that cannot be told."""


@dataclass(frozen=True, slots=True)
class LessonSource:
    """One lesson's ledger; a place is a sequence number."""

    ledger: Ledger
    commits: CommitLog
    feed: LiveFeed
    masking: MaskingRules
    tenant_id: str
    lesson_id: str

    def subscribe(self) -> AbstractAsyncContextManager[Subscription]:
        """Give the notices of the lesson, passing ones as well."""
        return self.feed.subscribe(self.tenant_id, self.lesson_id)

    def is_news(self, notice: Committed, head: Place) -> bool:
        """Tell whether the notice is of later events."""
        return notice.sequence is None or notice.sequence > head[0]

    async def beginning(self) -> Place:
        """Return a place a little before the newest event."""
        last = await self.commits.last_sequence(self.tenant_id, self.lesson_id)
        return (max(0, last - RECENT_EVENTS),)

    async def read(self, after: Place, limit: int) -> SourcePage:
        """Return the lesson's events past a sequence number."""
        events = await self.ledger.read(self.tenant_id, self.lesson_id, after[0], limit)
        messages = [stored_message(event, (event.ledgersequence,)) for event in events]
        end: Place = (events[-1].ledgersequence,) if events else after
        return SourcePage(messages, end, full=len(events) == limit)

    async def passing(self, notice: Passing) -> StreamMessage | None:
        """Return what passes by; a caption without what its tenant has masked, or not at all."""
        if notice.type != PARTIAL:
            return passing_message(notice)
        try:
            masking = await self.masking.of(self.tenant_id)
            if masking.is_on:
                shown = masking.of_partial(PartialCaption.model_validate(notice.data))
                notice = Passing(notice.type, shown.model_dump(mode="json"))
        except (Unavailable, ValidationError) as error:
            logger.warning("a partial is kept back, for nobody knows what to mask: %s", error)
            return None
        return passing_message(notice)


@dataclass(frozen=True, slots=True)
class CommitSource:
    """The commits of a tenant, or of one of its courses; a place is a `Cursor`."""

    commits: CommitLog
    feed: LiveFeed
    tenant_id: str
    course_id: str | None = None

    def subscribe(self) -> AbstractAsyncContextManager[Subscription]:
        """Give the notices of all of the tenant's commits."""
        return self.feed.subscribe_commits(self.tenant_id)

    def is_news(self, notice: Committed, head: Place) -> bool:
        """Take every notice as news: it names a lesson's sequence, not a place here."""
        del notice, head
        return True

    async def beginning(self) -> Place:
        """Return the place behind everything that can be read now."""
        return await self.commits.newest(self.tenant_id)

    async def read(self, after: Place, limit: int) -> SourcePage:
        """Return the events of the commits past a cursor."""
        page = await self.commits.events(
            self.tenant_id, Cursor(*after), limit, course_id=self.course_id
        )
        messages = [stored_message(event, place) for place, event in page.events]
        return SourcePage(messages, page.next, page.full, page.held_back)

    async def passing(self, notice: Passing) -> StreamMessage | None:
        """Return nothing: what passes by is on the stream of its lesson."""
        del notice
        return None
