"""Sends a lesson's finals into a Zoom meeting: in ledger order, each line once, over crashes too.

Before a line goes out its number is stored, and afterwards that it was taken. Whoever finds a line
of which it is not known asks the meeting for its last number, and sends the line again or not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from integrations.captions.zoom import ZoomFailure, ZoomSender, lines_of
from lessons.errors import LecternError, NotFound
from lessons.events import CaptionFinal, LearningEvent
from lessons.policy import Credential
from lessons.privacy.consent import Purpose
from lessons.store import Database, Ledger, LessonStore
from lessons.store.caption_outputs import CaptionOutput, CaptionOutputStore
from lessons.store.commits import CommitLog
from lessons.store.consents import ConsentStore
from lessons.store.disclosures import DisclosureLog
from lessons.store.takeovers import LessonTakeovers
from serving.jobs.clock import Clock, now_utc
from serving.jobs.queue import JobQueue

logger = logging.getLogger(__name__)

PACE_SECONDS = 1.0
"""Between two lines of a meeting, so that they can be read."""

PAGE_EVENTS = 50
RUN_SECONDS = 20.0
"""After so long a meeting with more to send goes to the end of the queue."""

FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(seconds=30)
RETRY_AFTER_OUTAGE = timedelta(seconds=5)
"""Of the store, not of the meeting."""

GIVE_UP_AFTER_LESSON = timedelta(hours=1)
"""How long after the lesson a meeting that takes nothing is tried."""


class ZoomCaptions:
    """Sends to one meeting at a time; the queue sees to it that nobody else does meanwhile.

    Args:
        pace_seconds: least time between two lines.
    """

    def __init__(
        self,
        database: Database,
        sender: ZoomSender,
        queue: JobQueue,
        clock: Clock = now_utc,
        *,
        pace_seconds: float = PACE_SECONDS,
    ) -> None:
        self._outputs = CaptionOutputStore(database)
        self._ledger = Ledger(database)
        self._takeovers = LessonTakeovers(database)
        self._commits = CommitLog(database)
        self._lessons = LessonStore(database)
        self._consents = ConsentStore(database)
        self._disclosures = DisclosureLog(database)
        self._sender = sender
        self._queue = queue
        self._clock = clock
        self._pace_seconds = pace_seconds

    async def send(self, tenant_id: str, lesson_id: str) -> None:
        """Send what waits, and see to it that the rest is sent in time."""
        try:
            output = await self._outputs.get(tenant_id, lesson_id)
            if output.status == "active":
                await self._work(output)
        except NotFound:
            logger.debug("nothing of lesson %s is sent to Zoom any more", lesson_id)
        except LecternError as error:
            logger.warning("captions of lesson %s wait: %s", lesson_id, error)
            await self._queue.wake_zoom(tenant_id, lesson_id, RETRY_AFTER_OUTAGE)

    async def _work(self, output: CaptionOutput) -> None:
        where = (output.tenant_id, output.lesson_id)
        url = await self._outputs.url(*where)
        newest = await self._commits.last_sequence(*where)
        deadline = asyncio.get_running_loop().time() + RUN_SECONDS
        async for event, lines in self._captions(output, newest):
            try:
                output = await self._send_caption(output, url, event.ledgersequence, lines)
            except ZoomFailure as failure:
                await self._note_failure(output, failure)
                return
            if asyncio.get_running_loop().time() > deadline:
                await self._queue.wake_zoom(*where)
                return
        if output.read_sequence < newest:  # What else happened in the lesson is of no concern here.
            await self._outputs.note(output, read_sequence=newest, lines_sent=0)

    async def _captions(
        self, output: CaptionOutput, newest: int
    ) -> AsyncIterator[tuple[LearningEvent, list[str]]]:
        """Yield the finals that are not sent yet, each with its lines.

        Args:
            newest: the lesson's last sequence number, as far as which it is known who captioned.
        """
        after = output.read_sequence
        while True:
            events = await self._ledger.read(
                output.tenant_id, output.lesson_id, after, PAGE_EVENTS, [CaptionFinal.type]
            )
            standing = await self._not_superseded(output, events, newest)
            for event in await self._shared(output, standing):
                if isinstance(event.data, CaptionFinal):
                    yield event, lines_of(event.data)
            if len(events) < PAGE_EVENTS:
                return
            after = events[-1].ledgersequence

    async def _not_superseded(
        self, output: CaptionOutput, events: list[LearningEvent], newest: int
    ) -> list[LearningEvent]:
        """Leave out what the engine heard while a person captioned by hand."""
        last = max([newest, *(event.ledgersequence for event in events)])
        takeovers = await self._takeovers.through(output.tenant_id, output.lesson_id, last)
        return [
            event
            for event in events
            if not isinstance(event.data, CaptionFinal)
            or not takeovers.supersedes(event.data.engine, event.data.start_ms)
        ]

    async def _shared(
        self, output: CaptionOutput, events: list[LearningEvent]
    ) -> list[LearningEvent]:
        """Leave out whoever does not let their words be shared; enter whose words go out."""
        subjects = {event.subject for event in events if event.subject is not None}
        if not subjects:
            return events
        where = (output.tenant_id, output.lesson_id)
        consents = await self._consents.of_participants(*where, subjects)
        refused = {one for one, consent in consents.items() if not consent.permits(Purpose.SHARING)}
        await self._disclosures.record(
            Credential(output.tenant_id, "api_key", api_key_id=f"zoom/{output.lesson_id}"),
            "captions",
            lesson_id=output.lesson_id,
            participant_ids=subjects - refused,
            purpose=f"captions in a meeting at {output.host}"[:200],
        )
        return [event for event in events if event.subject not in refused]

    async def _send_caption(
        self, output: CaptionOutput, url: str, sequence: int, lines: list[str]
    ) -> CaptionOutput:
        """Send the lines of a caption that are not sent yet.

        Raises:
            ZoomFailure: one was not taken, or nobody knows.
        """
        for place in range(_lines_sent(output, sequence), len(lines)):
            output, arrived = await self._settle(output, url, sequence)
            number = output.next_number
            if not arrived and number is not None:
                going = {"read_sequence": sequence - 1, "lines_sent": place, "in_flight": True}
                output = await self._outputs.note(output, **going)
                await self._sender.send(url, number, output.language, lines[place])
            output = await self._note_line(output, sequence, place + 1, len(lines))
            if not arrived:
                await asyncio.sleep(self._pace_seconds)
        if output.read_sequence < sequence:  # It has fewer lines than before: it is masked since.
            output = await self._outputs.note(output, read_sequence=sequence, lines_sent=0)
        return output

    async def _settle(
        self, output: CaptionOutput, url: str, sequence: int
    ) -> tuple[CaptionOutput, bool]:
        """Find the number of the next line, and whether the line has arrived under it already.

        Raises:
            ZoomFailure: the meeting does not tell.
        """
        if output.next_number is not None and not output.in_flight:
            return output, False
        last = await self._sender.last_number(url)
        is_of_this_one = output.in_flight and _is_next(output, sequence)
        if is_of_this_one and output.next_number == last:
            return output, True
        return await self._outputs.note(output, next_number=last + 1, in_flight=False), False

    async def _note_line(
        self, output: CaptionOutput, sequence: int, sent: int, lines: int
    ) -> CaptionOutput:
        whole = {"read_sequence": sequence, "lines_sent": 0}
        part = {"read_sequence": sequence - 1, "lines_sent": sent}
        return await self._outputs.note(
            output,
            next_number=(output.next_number or 0) + 1,
            in_flight=False,
            sent=output.sent + 1,
            failed_attempts=0,
            last_error=None,
            last_error_at=None,
            last_sent_at=self._clock(),
            **(whole if sent == lines else part),
        )

    async def _note_failure(self, output: CaptionOutput, failure: ZoomFailure) -> None:
        """Store what went wrong, and try again later, unless the lesson is long over."""
        now = self._clock()
        lost: dict[str, Any] = {}
        if failure.refused:
            lost |= {"next_number": None, "in_flight": False}
        lesson = await self._lessons.get_lesson(output.tenant_id, output.lesson_id)
        is_over = lesson.ended_at is not None and now - lesson.ended_at > GIVE_UP_AFTER_LESSON
        if is_over:
            lost |= {"status": "stopped"}
        output = await self._outputs.note_failure(output, failure.reason, now, **lost)
        logger.warning("captions of lesson %s for Zoom: %s", output.lesson_id, failure.reason)
        if not is_over:
            delay = min(FIRST_RETRY * 2 ** min(output.failed_attempts - 1, 10), LONGEST_RETRY)
            await self._queue.wake_zoom(output.tenant_id, output.lesson_id, delay)


def _is_next(output: CaptionOutput, sequence: int) -> bool:
    """Tell whether the lines that were sent, or are on their way, are those of this event.

    They are not where its words may not be shared any more and another's come next.
    """
    return output.read_sequence == sequence - 1


def _lines_sent(output: CaptionOutput, sequence: int) -> int:
    return output.lines_sent if _is_next(output, sequence) else 0
