"""What was inferred, as events: under ids that name what they are about, so none comes twice.

Whoever judges the same window again, after a restart or beside a process that has lost its claim,
makes an event of the same id, and the ledger keeps the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.engagement import Question
from lessons.events import (
    EngagementNudge,
    EngagementProfile,
    EngagementSignal,
    EventDraft,
    ParticipationMeasured,
)
from lessons.events.claims import Evidence, Observation
from lessons.events.engagement import Estimate
from models.engagement.decision import Judgement
from models.engagement.nudges import Nudge
from models.engagement.observations import Observed
from models.engagement.observed import duration
from models.engagement.profile import Profile, Share
from models.engagement.states import UNKNOWN


@dataclass(frozen=True, slots=True)
class MadeBy:
    """The model behind a claim."""

    model: str
    model_version: str


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a claim rests on."""

    observations: Sequence[Observed]
    event_ids: Sequence[str]
    start_ms: int
    end_ms: int

    def __bool__(self) -> bool:
        return bool(self.observations or self.event_ids)

    def told(self) -> list[Observation]:
        """Return the observations as an event carries them."""
        return [
            Observation(name=one.name, value=one.value, strength=one.strength, text=one.text)
            for one in self.observations
        ]

    def evidence(self) -> list[Evidence]:
        """Return the events as an event names them."""
        if not self.event_ids:
            return []
        ids = list(self.event_ids)
        return [Evidence(event_ids=ids, start_ms=self.start_ms, end_ms=self.end_ms)]


def grounds_of(judgement: Judgement, observations: Sequence[Observed]) -> Grounds:
    """Return what a judgement rests on."""
    start_ms = min(judgement.since_ms, judgement.start_ms)
    return Grounds(observations, judgement.evidence, start_ms, judgement.end_ms)


def signal_draft(judgement: Judgement, grounds: Grounds, by: MadeBy) -> EventDraft:
    """Return the signal of a judgement; what nothing was seen of is `unknown`."""
    state = judgement.state if grounds else UNKNOWN
    data = EngagementSignal.model_validate(
        {
            "state": state,
            "start_ms": judgement.start_ms,
            "end_ms": judgement.end_ms,
            "since_ms": judgement.since_ms,
            "confidence": round(judgement.confidence, 3),
            "context": judgement.context,
            "observations": grounds.told(),
            "evidence": grounds.evidence(),
            "model": by.model,
            "model_version": by.model_version,
        }
    )
    return _draft(data, "signal", judgement.participant_id, judgement.end_ms)


def profile_draft(
    participant_id: str, start_ms: int, end_ms: int, profile: Profile, by: MadeBy
) -> EventDraft:
    """Return the profile of a learner over a span."""
    data = EngagementProfile(
        start_ms=start_ms,
        end_ms=end_ms,
        contribution=_estimate(profile.contribution),
        responsiveness=_estimate(profile.responsiveness),
        practice=_estimate(profile.practice),
        help_seeking=_estimate(profile.help_seeking),
        model=by.model,
        model_version=by.model_version,
    )
    return _draft(data, "profile", participant_id, end_ms)


def nudge_draft(nudge: Nudge, grounds: Grounds, end_ms: int, by: MadeBy) -> EventDraft:
    """Return a nudge as those who teach read it."""
    data = EngagementNudge(
        nudge_id=nudge.nudge_id,
        reason=nudge.reason,
        text=nudge_text(nudge, end_ms),
        observations=grounds.told(),
        evidence=grounds.evidence(),
        model=by.model,
        model_version=by.model_version,
    )
    return EventDraft(data, end_ms, nudge.participant_id, id=nudge.nudge_id)


def measured_draft(measured: ParticipationMeasured) -> EventDraft:
    """Return what was counted of the talk in a span."""
    end_ms = measured.end_ms
    return EventDraft(measured, end_ms, id=f"participation:{end_ms}")


def question_draft(question: Question) -> EventDraft:
    """Return a question that was put to the group, once its wait is known."""
    draft_id = f"question:{question.caption_id}"
    return EventDraft(question.data, round(question.settled_ms), question.asker, id=draft_id)


def nudge_text(nudge: Nudge, now_ms: int) -> str:
    """Return a nudge in one calm line."""
    for_long = duration((now_ms - nudge.since_ms) / 1000)
    return {
        "stuck": f"Seems to get no further with the task for {for_long}; a word may help.",
        "drifting": f"Seems to be at something else for {for_long}.",
        "away": f"Has not been there for {for_long}.",
        "not_heard": f"Nobody has heard from this learner for {for_long}.",
    }[nudge.reason]


def _estimate(share: Share | None) -> Estimate | None:
    if share is None:
        return None
    low, estimate, high = (round(one, 3) for one in (share.low, share.estimate, share.high))
    return Estimate(estimate=estimate, low=low, high=high)


def _draft(
    data: EngagementSignal | EngagementProfile, kind: str, participant_id: str, end_ms: int
) -> EventDraft:
    return EventDraft(data, end_ms, participant_id, id=f"{kind}:{participant_id}:{end_ms}")
