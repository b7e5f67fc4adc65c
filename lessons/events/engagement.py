"""Engagement: what models concluded about participation, and what people answered to it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lessons.events.claims import (
    MAX_EVIDENCE,
    MAX_OBSERVATIONS,
    Evidence,
    NoFeeling,
    Observation,
    ObservationText,
    SpanData,
)
from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.participation import CameraObserved, ParticipationMeasured, QuestionAsked
from lessons.events.values import Milliseconds, Name
from lessons.lesson_context import LessonContext

MAX_CONTESTED = 200
MAX_REMARK_CHARACTERS = 2_000

EngagementState = Literal[
    "working",
    "participating",
    "reading_or_thinking",
    "struggling_productively",
    "stuck",
    "drifting",
    "tab_hidden",
    "away",
    "unknown",
]
"""What can be observed, and nothing inner. `unknown`: there is not enough evidence for another."""

ENGAGEMENT_STATES: tuple[EngagementState, ...] = get_args(EngagementState)
"""All of them, in the order of the documentation."""

NudgeReason = Literal["stuck", "drifting", "away", "not_heard"]
NudgeAnswer = Literal["dismissed", "helpful", "wrong"]
Remark = Annotated[str, Field(min_length=1, max_length=MAX_REMARK_CHARACTERS)]

_OBSERVATION = {
    "name": "since_input_s",
    "value": 4.0,
    "strength": 0.7,
    "text": "Wrote in the exercise within the last 5 seconds.",
}
_EVIDENCE = {"event_ids": ["platform-4711"], "start_ms": 61000, "end_ms": 64000}
_MODEL = {"model": "participation-rules", "model_version": "1"}


class EngagementSignal(SpanData):
    """How the subject took part in a span of the lesson, as far as activity shows it.

    It is a claim about activity, never about a feeling: states that name one are refused. It is
    written when the state changes, and every 30 seconds while it holds. What it says is contested
    with `engagement.contested`; until that is reviewed it counts in no aggregate.
    """

    type = "engagement.signal"
    version = 2
    needs_subject = True
    example: ClassVar = {
        "state": "working",
        "start_ms": 60000,
        "end_ms": 65000,
        "since_ms": 25000,
        "confidence": 0.82,
        "context": "individual_work",
        "observations": [_OBSERVATION],
        "evidence": [_EVIDENCE],
        **_MODEL,
    }

    state: Annotated[EngagementState, NoFeeling] = Field(description="How the subject took part")
    since_ms: Milliseconds = Field(description="Since when the state holds, on the lesson clock")
    confidence: float = Field(ge=0, le=1, description="Probability that the state is right")
    context: LessonContext = Field(description="What the lesson was doing")
    observations: list[Observation] = Field(
        default_factory=list,
        max_length=MAX_OBSERVATIONS,
        description="What was observed, and how strongly each speaks for the state",
    )
    evidence: list[Evidence] = Field(
        default_factory=list,
        max_length=MAX_EVIDENCE,
        description="Events that support it; with no observations either, only `unknown` is taken",
    )
    model: Name = Field(description="Name of the model that made it")
    model_version: Name = Field(description="Version of the model that made it")

    @model_validator(mode="after")
    def _a_claim_has_evidence(self) -> Self:
        if self.since_ms > self.end_ms:
            raise ValueError("since_ms lies after end_ms")
        if self.state != "unknown" and not (self.evidence or self.observations):
            raise ValueError(f"the state {self.state} needs evidence or observations")
        return self


class Estimate(BaseModel):
    """A number with the interval that it lies in; all in 0..1."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    estimate: float = Field(ge=0, le=1, description="The likeliest value")
    low: float = Field(ge=0, le=1, description="Lower end of the 90 % interval")
    high: float = Field(ge=0, le=1, description="Upper end of the 90 % interval")

    @model_validator(mode="after")
    def _lies_in_its_interval(self) -> Self:
        if not self.low <= self.estimate <= self.high:
            raise ValueError("estimate must lie between low and high")
        return self


class EngagementProfile(SpanData):
    """In which ways the subject took part over a longer span; null where too little was seen.

    There is no total: these are four ways of taking part, and nothing here puts learners in an
    order.
    """

    type = "engagement.profile"
    needs_subject = True
    example: ClassVar = {
        "start_ms": 0,
        "end_ms": 300000,
        "contribution": {"estimate": 0.4, "low": 0.22, "high": 0.6},
        "responsiveness": {"estimate": 0.75, "low": 0.5, "high": 0.91},
        "practice": {"estimate": 0.66, "low": 0.41, "high": 0.86},
        "help_seeking": None,
        **_MODEL,
    }

    contribution: Estimate | None = Field(
        default=None, description="Speaking, writing and drawing into the lesson"
    )
    responsiveness: Estimate | None = Field(
        default=None, description="Answering when something is asked"
    )
    practice: Estimate | None = Field(default=None, description="Working through exercises")
    help_seeking: Estimate | None = Field(
        default=None, description="Asking when something does not go on"
    )
    model: Name = Field(description="Name of the model that made it")
    model_version: Name = Field(description="Version of the model that made it")


class EngagementNudge(EventData):
    """A quiet hint to those who teach: have a look at this learner.

    There are few in a lesson. Other learners never read it; the learner whom it is about may.
    """

    type = "engagement.nudge"
    needs_subject = True
    example: ClassVar = {
        "nudge_id": "ndg_01kb9x5t7v0000000000000000",
        "reason": "stuck",
        "text": "Four wrong answers in a row at the same exercise.",
        "observations": [
            {
                "name": "wrong_streak",
                "value": 4.0,
                "strength": 0.9,
                "text": "The last four answers were wrong.",
            }
        ],
        "evidence": [_EVIDENCE],
        **_MODEL,
    }

    nudge_id: Name = Field(description="Its own id; an answer names it")
    reason: NudgeReason = Field(
        description="`not_heard`: nobody heard from the learner for long, by voice or otherwise"
    )
    text: ObservationText = Field(description="The hint, in one line")
    observations: list[Observation] = Field(
        default_factory=list, max_length=MAX_OBSERVATIONS, description="What was observed"
    )
    evidence: list[Evidence] = Field(
        default_factory=list, max_length=MAX_EVIDENCE, description="Events that support it"
    )
    model: Name = Field(description="Name of the model that made it")
    model_version: Name = Field(description="Version of the model that made it")

    @model_validator(mode="after")
    def _a_hint_has_grounds(self) -> Self:
        if not (self.evidence or self.observations):
            raise ValueError("a nudge needs evidence or observations")
        return self


class EngagementNudgeAnswered(EventData):
    """Somebody who teaches answered a nudge: a label for the next training.

    The subject, where it is given, is the learner whom the nudge was about.
    """

    type = "engagement.nudge_answered"
    by_teachers = True
    after_lesson = True
    example: ClassVar = {"nudge_id": "ndg_01kb9x5t7v0000000000000000", "answer": "helpful"}

    nudge_id: Name = Field(description="The nudge that it answers")
    answer: NudgeAnswer = Field(
        description="`dismissed`: seen, not now; `helpful`: it was right; `wrong`: it was not so"
    )


class EngagementContested(EventData):
    """The subject, or a guardian of theirs, says that something inferred about them is not so.

    It names the events, or a span of the lesson. They count in no aggregate until somebody who
    teaches has reviewed it.
    """

    type = "engagement.contested"
    needs_subject = True
    after_lesson = True
    example: ClassVar = {
        "signal_ids": ["evt_01kb9x5t7v0000000000000000"],
        "remark": "I was working on paper.",
    }

    signal_ids: list[Name] = Field(
        default_factory=list,
        max_length=MAX_CONTESTED,
        description="Ids of the signals, profiles or nudges; empty: all that lie in the span",
    )
    start_ms: Milliseconds | None = Field(default=None, description="Start of the span, if any")
    end_ms: Milliseconds | None = Field(default=None, description="End of the span, if any")
    remark: Remark | None = Field(default=None, description="In their own words, if any")
    contested_by: Literal["learner", "guardian"] = Field(
        default="learner", description="Who says so: the subject, or a guardian of theirs"
    )

    @model_validator(mode="after")
    def _says_what_it_contests(self) -> Self:
        if (self.start_ms is None) != (self.end_ms is None):
            raise ValueError("start_ms and end_ms go together")
        if self.start_ms is not None and self.end_ms is not None and self.end_ms <= self.start_ms:
            raise ValueError("end_ms must lie after start_ms")
        if not self.signal_ids and self.start_ms is None:
            raise ValueError("signal_ids or a span has to say what is contested")
        return self


class EngagementReviewed(EventData):
    """Somebody who teaches looked at what the subject had contested, and decided.

    The subject is the learner who contested it.
    """

    type = "engagement.reviewed"
    needs_subject = True
    by_teachers = True
    after_lesson = True
    example: ClassVar = {
        "contest_id": "platform-4712",
        "outcome": "withdrawn",
        "reviewed_by": "par_01kb9x5t7v0000000000000001",
        "remark": "Right, that was the exercise on paper.",
    }

    contest_id: Name = Field(description="Id of the event `engagement.contested`")
    outcome: Literal["upheld", "withdrawn"] = Field(
        description="`upheld`: the signals stand and count again; `withdrawn`: they never will"
    )
    reviewed_by: Name | None = Field(default=None, description="Id of who reviewed it")
    remark: Remark | None = Field(default=None, description="What the learner is told")


ENGAGEMENT = Family(
    "engagement",
    "Engagement",
    "What models of Lectern concluded from other events about taking part, what they counted for "
    "it, and what people answered. Every signal names its evidence, its confidence and the version "
    "that made it; emotions are never inferred.",
    recorded=(
        EngagementSignal,
        EngagementProfile,
        EngagementNudge,
        QuestionAsked,
        ParticipationMeasured,
        CameraObserved,
    ),
    posted=(EngagementNudgeAnswered, EngagementContested, EngagementReviewed),
)
