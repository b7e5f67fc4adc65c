"""Follows one live lesson: reads its ledger as each window ends, and writes what is inferred."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from features.engagement import WINDOW_MS, LearnerWindow
from lessons.errors import Conflict, LecternError, NotFound, Unavailable
from lessons.events import EventDraft
from lessons.privacy.consent import ConsentMissing, Purpose
from lessons.records import Lesson
from lessons.store import Ledger, LessonStore
from lessons.store.consents import ConsentStore
from lessons.store.ledger import MAX_PAGE
from lessons.store.objectives import ObjectiveStore
from lessons.store.regions import WrongRegion
from lessons.store.tenants import TenantStore
from models.engagement.baseline import BaselineModel
from models.engagement.nudges import NudgeRules
from serving.engagement.client import EngagementClient
from serving.engagement.drafts import MadeBy
from serving.engagement.lesson_engagement import LessonEngagement
from serving.engagement.ticks import Ticks
from serving.observability.engagement_metrics import EngagementMetrics

logger = logging.getLogger(__name__)

GRACE_MS = 400
"""How long after a window's end it is read: what was posted in it is on its way until then."""

STEP_SECONDS = 60.0
"""Longest time for the work on one window, of which only an outage takes more than a second."""

RETRY_SECONDS = 1.0
CONSENTS_MS = 15_000
"""How long what is known of consents is good, where no event tells of a change."""

MOST_WAITING_DRAFTS = 500
"""Events that wait for the store; signals are told again anyway, so the oldest go first."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class EngagementTools:
    """What a lesson is followed with; all lessons of a process share them."""

    ledger: Ledger
    lessons: LessonStore
    consents: ConsentStore
    tenants: TenantStore
    objectives: ObjectiveStore
    ticks: Ticks
    client: EngagementClient
    baseline: BaselineModel
    metrics: EngagementMetrics
    clock: Clock


class LiveLesson:
    """One lesson for as long as it is live and its tenant wants signals.

    Whatever fails is tried again with the next window, and concerns no other lesson.
    """

    def __init__(self, lesson: Lesson, tools: EngagementTools) -> None:
        self._lesson = lesson
        self._where = (lesson.tenant_id, lesson.id)
        self._started_at = lesson.started_at or tools.clock()
        self._tools = tools
        self._engagement: LessonEngagement | None = None
        self._by = MadeBy(tools.baseline.name, tools.baseline.version)
        self._permitted: frozenset[str] = frozenset()
        self._asked_ms = -CONSENTS_MS
        self._waiting: deque[EventDraft] = deque()
        self._comparing: asyncio.Task[None] | None = None

    @property
    def lesson_id(self) -> str:
        """Id of the lesson."""
        return self._lesson.id

    async def run(self) -> None:
        """Follow the lesson until it ends, or until the tenant wants no signals."""
        try:
            goes_on = await self._step()
            while goes_on:
                await asyncio.sleep(self._seconds_left())
                goes_on = await self._step()
        finally:
            if self._comparing is not None:
                self._comparing.cancel()

    async def _step(self) -> bool:
        """Work on the window that has ended; return whether the lesson goes on."""
        try:
            async with asyncio.timeout(STEP_SECONDS):
                return await self.advance()
        except (NotFound, WrongRegion):
            return False
        except (LecternError, TimeoutError) as error:
            logger.warning("lesson %s waits: %s", self._lesson.id, error or "it took too long")
            await asyncio.sleep(RETRY_SECONDS)
            return True

    async def advance(self) -> bool:
        """Read what is new, judge the window that has ended; return whether the lesson goes on.

        Raises:
            NotFound: the lesson is no more.
            Unavailable: the database does not answer; what was to be written waits.
        """
        engagement = self._engagement or await self._open()
        if engagement is None:
            return False
        await self._read(engagement, self.now_ms())
        ended_ms = engagement.ended_ms
        until_ms = self.now_ms() - GRACE_MS if ended_ms is None else ended_ms
        windows = self._close(engagement, until_ms)
        await self._look_at_consents(engagement)
        await self._tell(engagement, windows)
        if ended_ms is not None:
            await self._write(engagement.end(self._by))
            return False
        self._compare(engagement)
        return True

    def now_ms(self) -> int:
        """Return the lesson clock."""
        return max(0, (self._tools.clock() - self._started_at) // timedelta(milliseconds=1))

    def _seconds_left(self) -> float:
        """Return the time until the next window can be read."""
        end_ms = self._engagement.next_end_ms if self._engagement else WINDOW_MS
        return max(0.0, (end_ms + GRACE_MS - self.now_ms()) / 1000)

    async def _open(self) -> LessonEngagement | None:
        """Go through the ledger from the beginning; None where the tenant wants no signals.

        Nothing is written meanwhile: what was said before stands in the ledger.
        """
        wanted = (await self._tools.tenants.settings(self._lesson.tenant_id)).engagement
        if not wanted.signals:
            return None
        people = await self._tools.lessons.list_participants(*self._where)
        roles = {person.id: person.role for person in people}
        rules = NudgeRules(wanted.nudges_per_lesson, wanted.nudge_after_s)
        engagement = LessonEngagement(self._lesson.id, rules, self._tools.baseline, roles)
        await self._read(engagement)
        if engagement.ended_ms is None:
            before_ms = self.now_ms() - GRACE_MS - WINDOW_MS
            await asyncio.to_thread(engagement.close, max(0, before_ms))
        self._engagement = engagement
        return engagement

    async def _read(self, engagement: LessonEngagement, arrived_ms: int | None = None) -> None:
        while True:
            page = await self._tools.ledger.read(*self._where, engagement.sequence, MAX_PAGE)
            for event in page:
                engagement.take(event, arrived_ms)
            if len(page) < MAX_PAGE:
                break
        if engagement.strangers:
            people = await self._tools.lessons.list_participants(*self._where)
            engagement.know({person.id: person.role for person in people})
        if names := engagement.topics.unknown_objectives:
            statements = await self._tools.objectives.statements(
                self._lesson.tenant_id, names, self._lesson.course_id
            )
            engagement.topics.know(names, statements)

    def _close(self, engagement: LessonEngagement, until_ms: int) -> list[LearnerWindow]:
        before_ms = engagement.next_end_ms
        windows = engagement.close(until_ms)
        skipped = max(0, (engagement.next_end_ms - before_ms) // WINDOW_MS - 1)
        self._tools.metrics.skipped.inc(skipped * len(windows))
        return windows

    async def _look_at_consents(self, engagement: LessonEngagement) -> None:
        """Keep up with who may be told of; whoever may not is forgotten."""
        learners, now_ms = set(engagement.learners), self.now_ms()
        fresh = now_ms - self._asked_ms < CONSENTS_MS and not engagement.consents_changed
        if fresh and learners <= self._permitted:
            return
        found = await self._tools.consents.of_participants(*self._where, learners)
        engagement.consents_changed = False
        self._asked_ms = now_ms
        self._permitted = frozenset(
            who for who, consent in found.items() if consent.permits(Purpose.SIGNALS)
        )
        engagement.leave_out(learners - self._permitted)

    async def _tell(self, engagement: LessonEngagement, windows: Sequence[LearnerWindow]) -> None:
        """Judge the windows of those who may be told of, and write what is new."""
        allowed = [one for one in windows if one.participant_id in self._permitted]
        drafts: list[EventDraft] = []
        if allowed:
            stacked = engagement.stack(allowed, self._tools.ticks.history)
            estimates = await self._tools.ticks.estimate(stacked)
            self._by = MadeBy(estimates.model, estimates.version)
            drafts = engagement.judge(allowed, estimates)
        if windows:
            drafts += engagement.measure()
        signals = bool(drafts)
        await self._write(drafts)
        if signals and allowed:
            late_ms = self.now_ms() - allowed[0].end_ms
            self._tools.metrics.signal_seconds.observe(late_ms / 1000)

    async def _write(self, drafts: Sequence[EventDraft]) -> None:
        """Write what waits and what is new; what cannot be written waits."""
        metrics = self._tools.metrics
        self._waiting.extend(drafts)
        while len(self._waiting) > MOST_WAITING_DRAFTS:
            self._waiting.popleft()
            metrics.dropped.inc()
        waiting = list(self._waiting)
        outcomes = await self._tools.ledger.append_each(*self._where, waiting)
        self._waiting.clear()
        for draft, outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, LecternError):
                metrics.refused.labels(_refusal(outcome)).inc()
            elif outcome.created:
                metrics.events.labels(draft.data.type).inc()
            else:
                metrics.refused.labels("known").inc()

    def _compare(self, engagement: LessonEngagement) -> None:
        """Compare what was said with the objective, beside the windows: they do not wait for it."""
        if self._comparing is not None and not self._comparing.done():
            return
        said = engagement.topics.next(engagement.next_end_ms - WINDOW_MS)
        if not said:
            return

        async def compare() -> None:
            with contextlib.suppress(Unavailable):  # Then nothing is known of it.
                pairs = [one.pair for one in said]
                found = await self._tools.client.similarities(pairs)
                for one, similarity in zip(said, found, strict=False):
                    engagement.take_similarity(one.caption_id, similarity)

        self._comparing = asyncio.create_task(compare(), name=f"topics-{self._lesson.id}")


def _refusal(error: LecternError) -> str:
    if isinstance(error, ConsentMissing):
        return "no_consent"
    return "known" if isinstance(error, Conflict) else "stranger"


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)
