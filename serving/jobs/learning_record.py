"""Keeps the learner's record up with the ledgers: reads what was committed, lesson by lesson.

Each lesson has a place up to which it was read, stored in the transaction that stores what was
found; so it may stop anywhere, run twice at once or start over, and every event counts once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lessons.errors import NotFound
from lessons.events import (
    ConsentGranted,
    ConsentRevoked,
    LearningEvent,
    SummaryCorrected,
    SummaryCreated,
    SummaryWithdrawn,
)
from lessons.evidence import CONTEXT_TYPES, EvidenceDraft, Finding, LessonReader
from lessons.privacy.consent import Purpose
from lessons.roles import Role
from lessons.store import Database, Ledger, LiveFeed
from lessons.store.commits import CommitLog
from lessons.store.learning_record import LearningRecordWriter
from lessons.store.learning_record_findings import LessonPlace
from lessons.summary import SummaryDocument
from lessons.summary.evidence import summary_evidence
from lessons.summary.standing import STANDING_TYPES, standing_summary
from models.mastery.tracing import MasteryModel
from serving.jobs.commit_relay import CommitRelay

FOLLOWER = "learning_record"
PAGE_EVENTS = 500
PAGE_COMMITS = 500
REST_SECONDS = 1.0
"""Between two looks for news; a briefing is at most about this far behind."""


class LearningRecordFollower:
    """Reads a tenant's new events into the learner's record.

    Args:
        model: makes knowledge of evidence.
    """

    def __init__(self, database: Database, model: MasteryModel) -> None:
        self._ledger = Ledger(database)
        self._commits = CommitLog(database)
        self._model = model
        self._writer = LearningRecordWriter(database, self._model.trace)

    async def catch_up_tenant(self, tenant_id: str) -> None:
        """Read what was committed of one tenant, and lessons whose course has changed."""
        await self._writer.trace_anew(tenant_id, self._model.parameters.version)
        while lessons := await self._writer.stale_lessons(tenant_id):
            for lesson_id in lessons:
                await self.catch_up_lesson(tenant_id, lesson_id)
        cursor = await self._writer.cursor(tenant_id)
        while True:
            commits = await self._commits.read(tenant_id, cursor, PAGE_COMMITS)
            if not commits:
                return
            for lesson_id in dict.fromkeys(commit.lesson_id for commit in commits):
                await self.catch_up_lesson(tenant_id, lesson_id)
            cursor = commits[-1].end
            await self._writer.move_cursor(tenant_id, cursor)

    async def catch_up_lesson(self, tenant_id: str, lesson_id: str) -> None:
        """Read one lesson's events from where it was left to its last one.

        Where what was read of its summary holds no more, it is read from the first event on.
        """
        anew_since = 0
        while True:
            place = await self._writer.place(tenant_id, lesson_id)
            try:
                events = await self._ledger.read(tenant_id, lesson_id, place.sequence, PAGE_EVENTS)
            except NotFound:
                return
            if not events and not place.stale:
                return
            changed = max((each.ledgersequence for each in events if _rewrites(each)), default=0)
            if changed > anew_since and await self._has_summary(tenant_id, lesson_id):
                anew_since = changed
                if not place.stale:
                    await self._writer.read_anew(tenant_id, lesson_id)
                    continue
            findings = await self._findings(tenant_id, lesson_id, place, events)
            last = events[-1].ledgersequence if events else place.sequence
            written = await self._writer.write(tenant_id, lesson_id, place, findings, last)
            if written and len(events) < PAGE_EVENTS:
                return

    async def _findings(
        self, tenant_id: str, lesson_id: str, place: LessonPlace, events: Sequence[LearningEvent]
    ) -> list[Finding]:
        reader = await self._reader(tenant_id, lesson_id, place)
        found = [finding for event in events for finding in reader.read(event)]
        if any(isinstance(event.data, SummaryCreated) for event in events):
            told = await self._ledger.read_all(tenant_id, lesson_id, STANDING_TYPES)
            found += _of_summary(standing_summary(told), events, place)
        return found

    async def _has_summary(self, tenant_id: str, lesson_id: str) -> bool:
        return bool(await self._ledger.read(tenant_id, lesson_id, 0, 1, [SummaryCreated.type]))

    async def _reader(self, tenant_id: str, lesson_id: str, place: LessonPlace) -> LessonReader:
        """Return a reader that has seen what the events before its place refer to."""
        reader = LessonReader(place.participants, set(place.present))
        for event in await self._context(tenant_id, lesson_id, place.sequence):
            reader.recall(event)
        return reader

    async def _context(self, tenant_id: str, lesson_id: str, until: int) -> list[LearningEvent]:
        found: list[LearningEvent] = []
        after = 0
        while after < until:
            page = await self._ledger.read(tenant_id, lesson_id, after, PAGE_EVENTS, CONTEXT_TYPES)
            found += [event for event in page if event.ledgersequence <= until]
            if len(page) < PAGE_EVENTS:
                break
            after = page[-1].ledgersequence
        return found


def _rewrites(event: LearningEvent) -> bool:
    """Tell whether an event changes what earlier ones of a summary have said."""
    data = event.data
    if isinstance(data, SummaryCreated):
        return data.summary.replaces is not None
    if isinstance(data, ConsentGranted | ConsentRevoked):
        return data.purpose is Purpose.SIGNALS
    return isinstance(data, SummaryCorrected | SummaryWithdrawn)


def _of_summary(
    document: SummaryDocument | None, events: Sequence[LearningEvent], place: LessonPlace
) -> Iterator[EvidenceDraft]:
    """Yield what the summary that holds says, at the event that brought its version."""
    learners = {who for who, one in place.participants.items() if one.role is Role.LEARNER}
    for event in events:
        data = event.data
        if document is None or not isinstance(data, SummaryCreated):
            continue
        if data.summary.version == document.version:
            yield from summary_evidence(document, event, learners)


class LearningRecordRelay(CommitRelay):
    """Has the record follow wherever something was committed."""

    def __init__(self, database: Database, feed: LiveFeed, model: MasteryModel) -> None:
        super().__init__(database, feed, FOLLOWER, REST_SECONDS)
        self._reading = LearningRecordFollower(database, model)

    async def relay(self, tenant_id: str) -> None:
        """Read what one tenant committed since the last time."""
        await self._reading.catch_up_tenant(tenant_id)
