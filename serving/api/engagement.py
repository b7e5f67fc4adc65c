"""What is inferred about taking part: a learner's own view, open contests, a group's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.engagement_record import (
    MINUTE_MS,
    STALE_MS,
    Contest,
    Contests,
    EngagementAggregate,
    aggregate_of,
)
from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.events import (
    CameraObserved,
    EngagementContested,
    EngagementNudge,
    EngagementProfile,
    EngagementReviewed,
    EngagementSignal,
    LearningEvent,
    ParticipationMeasured,
)
from lessons.events.privacy import ConsentGranted, ConsentRevoked
from lessons.events.values import LARGEST_COUNT
from lessons.policy import Action, Resource
from lessons.privacy.consent import Purpose
from lessons.records import Lesson
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.disclosing import ReadingPurpose
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

INFERRED = (
    EngagementSignal.type,
    EngagementProfile.type,
    EngagementNudge.type,
    CameraObserved.type,
)
"""Everything that is computed about one learner."""

CONTESTED = (EngagementContested.type, EngagementReviewed.type)
SETTLED = (*CONTESTED, ConsentGranted.type, ConsentRevoked.type)
MAX_PAGE = 500
LONGEST_LOOK_BACK_MS = MINUTE_MS + STALE_MS

_PARTICIPANT = "par_01kb9x5t7v0000000000000000"
EXAMPLE_SIGNAL: JsonDict = {
    "id": f"signal:{_PARTICIPANT}:65000",
    "type": "engagement.signal",
    "subject": _PARTICIPANT,
    "lessontimems": 65000,
    "data": {"state": "working", "since_ms": 25000, "confidence": 0.82},
}
EXAMPLE_CONTEST: JsonDict = {
    "contest": {
        "id": "platform-4712",
        "type": "engagement.contested",
        "subject": _PARTICIPANT,
        "data": {"signal_ids": [f"signal:{_PARTICIPANT}:65000"], "remark": "I wrote on paper."},
    },
    "review": None,
    "claims": [EXAMPLE_SIGNAL],
}
EXAMPLE_AGGREGATE: JsonDict = {
    "lesson_id": "les_01kb9x5t7v0000000000000000",
    "at_ms": 1800000,
    "smallest_group": 5,
    "suppressed": False,
    "learners": 12,
    "states": {"working": 0.6, "participating": 0.2, "unknown": 0.2},
    "context": "individual_work",
    "tutor_talk_share": 0.71,
    "wait_time_ms_median": 1800,
    "questions": 3,
}

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/engagement",
    tags=["engagement"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class ContestView(BaseModel):
    """What a learner says is not so, what it is about, and what came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_CONTEST]})

    contest: dict[str, Any] = Field(description="The event `engagement.contested`")
    review: dict[str, Any] | None = Field(
        description="The event `engagement.reviewed`; null: nobody has looked yet"
    )
    claims: list[dict[str, Any]] = Field(description="The signals, profiles and hints it is about")


class LearnerEngagement(BaseModel):
    """Everything that is inferred about one learner in a lesson.

    Events come as they stand in the ledger, each with its evidence, confidence and model.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "lesson_id": "les_01kb9x5t7v0000000000000000",
                    "participant_id": _PARTICIPANT,
                    "is_inferred": True,
                    "reason": None,
                    "current": EXAMPLE_SIGNAL,
                    "profile": None,
                    "inferred": [EXAMPLE_SIGNAL],
                    "left_out": [f"signal:{_PARTICIPANT}:65000"],
                    "contests": [EXAMPLE_CONTEST],
                    "next_before": None,
                }
            ]
        }
    )

    lesson_id: str
    participant_id: str
    is_inferred: bool = Field(description="Whether anything is inferred about the learner now")
    reason: str | None = Field(description="Why not, where nothing is")
    current: dict[str, Any] | None = Field(
        description="The signal that holds; null: none, or consent was taken back"
    )
    profile: dict[str, Any] | None = Field(description="The newest `engagement.profile`")
    inferred: list[dict[str, Any]] = Field(description="Signals, profiles, hints; newest first")
    left_out: list[str] = Field(description="Ids of those that count in no aggregate")
    contests: list[ContestView]
    next_before: int | None = Field(description="`before` of the next page; null on the last one")


class OpenContests(BaseModel):
    """Contests that nobody has reviewed, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contests": [EXAMPLE_CONTEST]}]})

    contests: list[ContestView]


class EngagementNumbers(EngagementAggregate):
    """Shares of a lesson's learners by what they do, of the last whole minute; no names.

    Null where they would be about fewer than five learners. Shares are rounded to a tenth.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE_AGGREGATE]})

    lesson_id: str


@router.get("/learners/{participant_id}", response_model=LearnerEngagement)
async def read_learner(
    lesson_id: str,
    participant_id: str,
    caller: Caller,
    services: ServicesDependency,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    before: Annotated[
        int | None, Query(ge=1, le=LARGEST_COUNT, description="`next_before` of the page before")
    ] = None,
    purpose: ReadingPurpose = None,
) -> LearnerEngagement:
    """Read everything that is inferred about a learner: of oneself, one's child, or who teaches.

    Contest it at `.../contests` or, as the learner, by posting `engagement.contested`: what is
    contested counts in no aggregate until somebody who teaches has posted `engagement.reviewed`.
    """
    access = await authorize(
        services, caller, Action.READ, Resource.ENGAGEMENT, lesson_id=lesson_id
    )
    if not access.covers(participant_id):
        raise NotAllowed(
            "What is inferred about a learner is for that learner and for those who teach.",
            field="participant_id",
            fix=f"Ask for your own: {caller.participant_id}.",
        )
    await services.lessons.get_participant(caller.tenant_id, lesson_id, participant_id)
    await services.disclosures.record(
        caller,
        "engagement",
        lesson_id=lesson_id,
        participant_ids=[participant_id],
        purpose=purpose,
    )
    events = await services.engagement.events(
        caller.tenant_id, lesson_id, (*INFERRED, *CONTESTED), subject=participant_id
    )
    reason = await _why_not(services, caller.tenant_id, lesson_id, participant_id)
    return _learner_view(lesson_id, participant_id, events, reason, limit, before)


@router.get("/contests", response_model=OpenContests)
async def list_contests(
    lesson_id: str, caller: Caller, services: ServicesDependency, purpose: ReadingPurpose = None
) -> OpenContests:
    """List what learners have contested and nobody has reviewed yet."""
    access = await authorize(
        services, caller, Action.LIST, Resource.ENGAGEMENT, lesson_id=lesson_id
    )
    events = await services.engagement.events(caller.tenant_id, lesson_id, (*INFERRED, *CONTESTED))
    open_ones = [
        contest
        for contest in _contests(events).all()
        if contest.review is None and access.covers(contest.event.subject)
    ]
    await services.disclosures.record(
        caller,
        "engagement",
        lesson_id=lesson_id,
        participant_ids={one.event.subject for one in open_ones if one.event.subject},
        purpose=purpose,
    )
    claims = _claims(events)
    return OpenContests(contests=[_contest_view(one, claims) for one in open_ones])


@router.get("/aggregate", response_model=EngagementNumbers)
async def get_aggregate(
    lesson_id: str, caller: Caller, services: ServicesDependency
) -> EngagementNumbers:
    """Read how a lesson's learners take part, as shares of a group of five or more; no names.

    It is about the last whole minute, so that no change of a number tells of one learner.
    """
    await authorize(
        services, caller, Action.READ, Resource.ENGAGEMENT_AGGREGATE, lesson_id=lesson_id
    )
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    now_ms = _now_ms(lesson)
    events = await _recent(services, lesson, now_ms)
    numbers = aggregate_of(events, now_ms)
    return EngagementNumbers(lesson_id=lesson_id, **dict(numbers))


async def _recent(services: Services, lesson: Lesson, now_ms: int) -> list[LearningEvent]:
    """Return what the numbers of the last minute are made of."""
    where = (lesson.tenant_id, lesson.id)
    contested = await services.engagement.events(*where, (EngagementContested.type,))
    ids = {
        one
        for event in contested
        if isinstance(event.data, EngagementContested)
        for one in event.data.signal_ids
    }
    return await services.engagement.events(
        *where,
        (EngagementSignal.type, ParticipationMeasured.type),
        since_ms=max(0, now_ms - now_ms % MINUTE_MS - LONGEST_LOOK_BACK_MS),
        always=SETTLED,
        also=ids,
    )


async def _why_not(
    services: Services, tenant_id: str, lesson_id: str, participant_id: str
) -> str | None:
    """Return why nothing is inferred about a learner; None where it is."""
    if not (await services.tenants.settings(tenant_id)).engagement.signals:
        return "The school has switched signals off."
    consent = await services.consents.of_participant(tenant_id, lesson_id, participant_id)
    if consent.permits(Purpose.SIGNALS):
        return None
    if consent.decisions.get(Purpose.SIGNALS) is False:
        return "Consent to signals was refused or taken back."
    return "Consent to signals was never given."


def _learner_view(
    lesson_id: str,
    participant_id: str,
    events: Sequence[LearningEvent],
    reason: str | None,
    limit: int,
    before: int | None,
) -> LearnerEngagement:
    contests, claims = _contests(events), _claims(events)
    signals = [one for one in claims if isinstance(one.data, EngagementSignal)]
    profiles = [one for one in claims if isinstance(one.data, EngagementProfile)]
    older = [one for one in claims if before is None or one.ledgersequence < before]
    page = older[::-1][:limit]
    return LearnerEngagement(
        lesson_id=lesson_id,
        participant_id=participant_id,
        is_inferred=reason is None,
        reason=reason,
        current=signals[-1].to_wire() if signals and reason is None else None,
        profile=profiles[-1].to_wire() if profiles else None,
        inferred=[one.to_wire() for one in page],
        left_out=[one.id for one in page if contests.leave_out(one)],
        contests=[_contest_view(one, claims) for one in contests.all()],
        next_before=page[-1].ledgersequence if len(older) > limit else None,
    )


def _contests(events: Sequence[LearningEvent]) -> Contests:
    contests = Contests()
    for event in events:
        contests.take(event)
    return contests


def _claims(events: Sequence[LearningEvent]) -> list[LearningEvent]:
    return [event for event in events if event.type in INFERRED]


def _contest_view(contest: Contest, claims: Sequence[LearningEvent]) -> ContestView:
    about = [one.to_wire() for one in claims if contest.covers(one)]
    return ContestView(
        contest=contest.event.to_wire(),
        review=contest.review.to_wire() if contest.review else None,
        claims=about[-MAX_PAGE:],
    )


def _now_ms(lesson: Lesson) -> int:
    """Return the lesson clock, or the lesson's length once it is over."""
    if lesson.started_at is None:
        return 0
    until = lesson.ended_at or datetime.now(UTC)
    return max(0, (until - lesson.started_at) // timedelta(milliseconds=1))
