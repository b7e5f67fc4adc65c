"""Finals on their way to the ledger: in order, kept while PostgreSQL is away, never doubled.

Every draft carries its id from the start, so a write whose answer was lost can be sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from lessons.errors import LecternError, Unavailable
from lessons.events import EventDraft
from lessons.store import Ledger

logger = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 2.0
LARGEST_BATCH_EVENTS = 200
BUFFERED_EVENTS = 100_000
"""Events of one lesson that wait for PostgreSQL; days of talk. Past it, `submit` refuses."""


class LedgerWriter:
    """Writes one lesson's events in the order in which they were submitted.

    Args:
        ledger: where they go.
        tenant_id: owner of the lesson.
        lesson_id: the lesson.
    """

    def __init__(self, ledger: Ledger, tenant_id: str, lesson_id: str) -> None:
        self._ledger = ledger
        self._tenant_id = tenant_id
        self._lesson_id = lesson_id
        self._waiting: deque[EventDraft] = deque()
        self._arrived = asyncio.Event()
        self._closing = False

    @property
    def waiting_events(self) -> int:
        """Events that are not in the ledger yet."""
        return len(self._waiting)

    def submit(self, draft: EventDraft) -> None:
        """Take responsibility for an event.

        Raises:
            Unavailable: PostgreSQL has been away for so long that the buffer is full.
        """
        if len(self._waiting) >= BUFFERED_EVENTS:
            raise Unavailable("the ledger has been away too long and the buffer is full")
        self._waiting.append(draft)
        self._arrived.set()

    def close(self) -> None:
        """Let `run` return once everything submitted is in the ledger."""
        self._closing = True
        self._arrived.set()

    async def run(self) -> None:
        """Write until closed and empty."""
        delay_seconds = FIRST_RETRY_SECONDS
        while not (self._closing and not self._waiting):
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            batch = [self._waiting[i] for i in range(min(len(self._waiting), LARGEST_BATCH_EVENTS))]
            try:
                await self._write(batch)
            except Unavailable as outage:
                logger.warning(
                    "lesson %s: %d events wait for PostgreSQL: %s",
                    self._lesson_id,
                    len(self._waiting),
                    outage,
                )
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(2 * delay_seconds, LONGEST_RETRY_SECONDS)
            else:
                delay_seconds = FIRST_RETRY_SECONDS
                for _ in batch:
                    self._waiting.popleft()

    async def _write(self, batch: list[EventDraft]) -> None:
        outcomes = await self._ledger.append_each(self._tenant_id, self._lesson_id, batch)
        for draft, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, LecternError):
                # Refused for what it is: sending it again would hold up everything behind it.
                logger.error("lesson %s: event %s refused: %s", self._lesson_id, draft.id, outcome)
