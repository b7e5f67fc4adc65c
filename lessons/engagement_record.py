"""What was inferred about learners, as its events stand: contests, reviews, numbers of groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lessons.aggregates import SMALLEST_GROUP
from lessons.events import (
    EngagementContested,
    EngagementProfile,
    EngagementReviewed,
    EngagementSignal,
    LearningEvent,
    ParticipationMeasured,
)
from lessons.events.engagement import EngagementState
from lessons.events.privacy import ConsentGranted, ConsentRevoked
from lessons.lesson_context import LessonContext
from lessons.privacy.consent import Purpose
from lessons.records import Record

MINUTE_MS = 60_000

STALE_MS = 45_000
"""A signal is told again every 30 s while it holds; one that is older tells nothing of now."""

AGGREGATE_TYPES = (
    EngagementSignal.type,
    EngagementContested.type,
    EngagementReviewed.type,
    ParticipationMeasured.type,
    ConsentGranted.type,
    ConsentRevoked.type,
)
"""What numbers of a group are made of."""

_Spell = tuple[str, int]
"""A state and since when it holds."""


@dataclass(slots=True)
class Contest:
    """What a learner says is not so.

    Attributes:
        event: the contest.
        review: what came of it; None while nobody has looked.
    """

    event: LearningEvent
    data: EngagementContested
    review: LearningEvent | None = None
    spells: set[_Spell] = field(default_factory=set)

    @property
    def is_upheld(self) -> bool:
        """Whether what it contests counts again."""
        data = self.review.data if self.review else None
        return isinstance(data, EngagementReviewed) and data.outcome == "upheld"

    def covers(self, claim: LearningEvent) -> bool:
        """Tell whether a claim is contested by it.

        A state that goes on is one claim, however often it is told again.
        """
        if claim.subject != self.event.subject:
            return False
        if claim.id in self.data.signal_ids:
            return True
        data = claim.data
        if isinstance(data, EngagementSignal) and (data.state, data.since_ms) in self.spells:
            return True
        if self.data.start_ms is None or self.data.end_ms is None or self.data.signal_ids:
            return False
        if isinstance(data, EngagementSignal | EngagementProfile):
            return data.start_ms < self.data.end_ms and data.end_ms > self.data.start_ms
        return self.data.start_ms <= claim.lessontimems < self.data.end_ms


class Contests:
    """The contests of a lesson and their reviews. Take its events in the order of the ledger."""

    def __init__(self) -> None:
        self._contests: dict[str, Contest] = {}
        self._spell_of: dict[str, _Spell] = {}

    def take(self, event: LearningEvent) -> None:
        """Take an event; others than signals, contests and reviews change nothing."""
        data = event.data
        if isinstance(data, EngagementSignal):
            self._spell_of[event.id] = (data.state, data.since_ms)
        elif isinstance(data, EngagementContested):
            spells = {self._spell_of[one] for one in data.signal_ids if one in self._spell_of}
            self._contests[event.id] = Contest(event, data, spells=spells)
        elif isinstance(data, EngagementReviewed):
            contest = self._contests.get(data.contest_id)
            if contest is not None and contest.event.subject == event.subject:
                contest.review = event

    def all(self) -> list[Contest]:
        """Return them in the order in which they came."""
        return list(self._contests.values())

    def leave_out(self, claim: LearningEvent) -> bool:
        """Tell whether a claim counts in no aggregate: contested, and not upheld since."""
        return any(
            contest.covers(claim) for contest in self._contests.values() if not contest.is_upheld
        )


class EngagementAggregate(Record):
    """Numbers about the learners of a lesson at the end of its last whole minute, without names.

    Null where they would be about fewer than five learners. Shares are rounded to a tenth and only
    whole minutes are told of, so that the change of a number tells little of one learner.

    Attributes:
        at_ms: the minute's end on the lesson clock; None before the first one.
        learners: whose signals are in it: told lately, and not contested.
        states: share of those learners by state, in 0..1; states that nobody is in are left out.
        context: what the lesson was doing, for most of them.
    """

    at_ms: int | None
    smallest_group: int = SMALLEST_GROUP
    suppressed: bool
    learners: int | None = None
    states: dict[EngagementState, float] | None = None
    context: LessonContext | None = None
    tutor_talk_share: float | None = None
    wait_time_ms_median: int | None = None
    questions: int | None = None


def aggregate_of(events: Iterable[LearningEvent], now_ms: int) -> EngagementAggregate:
    """Return the numbers of the last whole minute.

    Args:
        events: of `AGGREGATE_TYPES`, in the order of the ledger.
        now_ms: the lesson clock, or the lesson's length once it is over.
    """
    at_ms = now_ms - now_ms % MINUTE_MS
    standing, measured = _standing(events, at_ms)
    if at_ms == 0 or len(standing) < SMALLEST_GROUP:
        return EngagementAggregate(at_ms=at_ms or None, suppressed=True)
    states = [signal.state for signal in standing]
    contexts = [signal.context for signal in standing]
    return EngagementAggregate(
        at_ms=at_ms,
        suppressed=False,
        learners=len(standing),
        states={
            state: round(states.count(state) / len(states), 1) for state in sorted(set(states))
        },
        context=max(sorted(set(contexts)), key=contexts.count),
        tutor_talk_share=measured.tutor_talk_share if measured else None,
        wait_time_ms_median=measured.wait_time_ms_median if measured else None,
        questions=measured.questions if measured else None,
    )


def _standing(
    events: Iterable[LearningEvent], at_ms: int
) -> tuple[list[EngagementSignal], ParticipationMeasured | None]:
    """Return the signals that held at a moment and count, and what was measured last until then."""
    contests, refused = Contests(), set[str]()
    newest: dict[str, LearningEvent] = {}
    measured: ParticipationMeasured | None = None
    for event in events:
        contests.take(event)
        data = event.data
        if isinstance(data, EngagementSignal) and at_ms - STALE_MS < data.end_ms <= at_ms:
            newest[event.subject or ""] = event
        elif isinstance(data, ParticipationMeasured) and data.end_ms <= at_ms:
            measured = data
        elif isinstance(data, ConsentRevoked | ConsentGranted) and data.purpose is Purpose.SIGNALS:
            decide = refused.add if isinstance(data, ConsentRevoked) else refused.discard
            decide(data.participant_id)
    counted = [
        event.data
        for subject, event in newest.items()
        if subject not in refused
        and not contests.leave_out(event)
        and isinstance(event.data, EngagementSignal)
    ]
    return counted, measured
