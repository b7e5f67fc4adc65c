"""The summary as a document: objectives, segments, learners, what comes next, what was not seen."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from lessons.summary.claims import (
    MAX_CITATIONS,
    Citation,
    Claim,
    Confidence,
    Identifier,
    LessonTime,
    ModelText,
    SummaryPart,
)

MAX_CLAIMS = 500
MAX_SEGMENTS = 500
MAX_PEOPLE = 1_000
MAX_OBJECTIVES = 500
MAX_MOMENTS = 500

Title = Annotated[str, Field(min_length=1, max_length=500)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]

Heard = Literal["well", "partly", "badly"]

SegmentKind = Literal["opening", "instruction", "practice", "review", "closing", "other"]

MomentReason = Literal[
    "hedge", "repeated_error", "help_seeking", "long_latency", "contradicted_answer"
]

Claims = Annotated[list[Claim], Field(max_length=MAX_CLAIMS)]


class AddressedObjective(SummaryPart):
    """An objective that the lesson addressed, and what shows it."""

    objective_id: Identifier = Field(description="The objective")
    title: Title = Field(description="As the course calls it")
    time_spent_ms: LessonTime = Field(description="Time for which the talk was about it")
    similarity: Confidence = Field(
        description="Highest calibrated likeness of what was said to the objective; 0: it was only "
        "marked as covered, or worked on in exercises"
    )
    how: Literal["talked_about", "practised", "marked"] = Field(
        description="`marked`: only somebody who teaches says so, by an event"
    )
    citations: list[Citation] = Field(
        min_length=1, max_length=MAX_CITATIONS, description="What shows it"
    )


class SegmentSummary(SummaryPart):
    """A stretch of the lesson about one thing."""

    segment_id: Identifier = Field(description="Its own id within the lesson")
    start_ms: LessonTime = Field(description="Start on the lesson clock")
    end_ms: LessonTime = Field(description="End on the lesson clock")
    title: Title = Field(description="What it was about, in words of the lesson")
    kind: SegmentKind = Field(description="What was done in it")
    objective_ids: list[Identifier] = Field(
        default_factory=list, max_length=MAX_OBJECTIVES, description="Objectives it addressed"
    )
    claims: Claims = Field(default_factory=list, description="What was taught in it")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_ms < self.start_ms:
            raise ValueError("end_ms lies before start_ms")
        return self


class ComprehensionMoment(SummaryPart):
    """A moment at which a learner may not have understood, as what was said and answered shows."""

    moment_id: Identifier = Field(description="Its own id within the lesson")
    participant_id: Identifier = Field(description="The learner")
    reason: MomentReason = Field(
        description="`hedge`: an answer in unsure words; `repeated_error`: wrong more than once at "
        "the same; `help_seeking`: asked for help; `long_latency`: far longer than the learner's "
        "other answers; `contradicted_answer`: an answer that was then put right"
    )
    start_ms: LessonTime = Field(description="Start on the lesson clock")
    end_ms: LessonTime = Field(description="End on the lesson clock")
    citations: list[Citation] = Field(
        min_length=1, max_length=MAX_CITATIONS, description="What shows it"
    )
    objective_id: Identifier | None = Field(default=None, description="Objective it is about")
    misconception: ModelText | None = Field(
        default=None, description="What the learner likely takes for right; null: none shows"
    )
    confidence: Confidence = Field(description="Probability that it is such a moment")


class LearnerSummary(SummaryPart):
    """How one learner responded."""

    participant_id: Identifier = Field(description="The learner")
    observed: bool = Field(
        description="Whether anything was seen of them; where not, nothing is said of them"
    )
    claims: Claims = Field(default_factory=list, description="How they responded")
    talk_ms: LessonTime = Field(default=0, description="For how long they spoke")
    answers_right: Count = Field(default=0, description="Answers to items that were right")
    answers_wrong: Count = Field(default=0, description="Answers to items that were wrong")
    moments: Annotated[list[ComprehensionMoment], Field(max_length=MAX_MOMENTS)] = Field(
        default_factory=list, description="Moments of uncertain comprehension"
    )

    @model_validator(mode="after")
    def _nothing_is_said_of_who_was_not_observed(self) -> Self:
        spoken = self.talk_ms or self.answers_right or self.answers_wrong
        if not self.observed and (self.claims or self.moments or spoken):
            raise ValueError("a learner who was not observed has no claims, moments or numbers")
        if any(moment.participant_id != self.participant_id for moment in self.moments):
            raise ValueError("moments are of another learner")
        if any(claim.owner not in (None, self.participant_id) for claim in self.claims):
            raise ValueError("claims are of another person")
        return self


class PastReflection(SummaryPart):
    """What a tutor's earlier lessons of the course showed, as means over them."""

    lessons: int = Field(ge=1, description="How many lessons it is of")
    move_shares: dict[str, Confidence] = Field(
        default_factory=dict, max_length=50, description="Share of each talk move in the turns"
    )
    talk_share: Confidence | None = Field(default=None, description="The tutor's share of the talk")
    wait_time_ms_median: LessonTime | None = Field(default=None, description="Wait after questions")
    questions: float = Field(ge=0, description="Questions in a lesson")
    uptake_mean: Confidence | None = Field(default=None, description="Taking up what learners said")
    focusing_share: Confidence | None = Field(
        default=None, description="Share of questions that focus rather than funnel"
    )


class Reflection(SummaryPart):
    """How one tutor taught, for that tutor and against the tutor's own past alone."""

    participant_id: Identifier = Field(description="The tutor")
    moves: dict[str, Count] = Field(
        default_factory=dict, max_length=50, description="Turns by talk move; empty: no model"
    )
    talk_share: Confidence | None = Field(
        default=None, description="The tutor's share of all talk; null: nobody spoke"
    )
    wait_time_ms_median: LessonTime | None = Field(
        default=None, description="Median wait after the tutor's questions; null: none answered"
    )
    questions: Count = Field(default=0, description="Questions the tutor put")
    questions_by_kind: dict[str, Count] = Field(
        default_factory=dict, max_length=50, description="The same by kind"
    )
    turns_by_learner: dict[Identifier, Count] = Field(
        default_factory=dict, max_length=MAX_PEOPLE, description="Turns of each learner, 0 included"
    )
    uptake_mean: Confidence | None = Field(
        default=None, description="Mean uptake of learners' turns, 0..1; null: no model, or none"
    )
    focusing_share: Confidence | None = Field(
        default=None, description="Share of questions that focus; null: no model, or none"
    )
    past: PastReflection | None = Field(
        default=None, description="The tutor's earlier lessons of the course; null: none"
    )


class SummaryDocument(SummaryPart):
    """What was taught, how each learner responded, and what comes next.

    A rewrite is a new version of the same `summary_id`. All of it was made by machine, and says so.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "summary_id": "sum_01kb9x5t7v0000000000000000",
                    "lesson_id": "les_01kb9x5t7v0000000000000000",
                    "version": 1,
                    "duration_ms": 2_700_000,
                    "homework": [
                        {
                            "claim_id": "clm_1",
                            "text": "Homework was given: “exercises one to six”.",
                            "kind": "homework",
                            "citations": [
                                {
                                    "caption_ids": ["cap_01kb9x5t7v0000000000000000"],
                                    "start_ms": 2_640_000,
                                    "end_ms": 2_646_000,
                                }
                            ],
                            "confidence": 0.9,
                        }
                    ],
                    "writer": "extractive",
                    "writer_version": "1",
                }
            ]
        }
    )

    summary_id: Identifier = Field(description="The same in all versions")
    lesson_id: Identifier = Field(description="The lesson")
    language: str = Field(default="en", max_length=35, description="BCP 47 tag of its sentences")
    version: int = Field(ge=1, le=2**31 - 1, description="Counts its rewrites, from 1")
    replaces: int | None = Field(default=None, ge=1, description="Version that it replaces, if any")
    duration_ms: LessonTime = Field(default=0, description="Length of the lesson")
    heard: Heard = Field(
        default="well",
        description="How much captions tell of what was said. `partly`: much of the teaching has "
        "none, or doubtful ones, so nothing is concluded from what was not heard; `badly`: its "
        "words do not hang together, so none is quoted",
    )
    objectives: Annotated[list[AddressedObjective], Field(max_length=MAX_OBJECTIVES)] = Field(
        default_factory=list, description="Objectives that were addressed"
    )
    objective_claims: Claims = Field(
        default_factory=list, description="The same in sentences, one an objective"
    )
    segments: Annotated[list[SegmentSummary], Field(max_length=MAX_SEGMENTS)] = Field(
        default_factory=list, description="What was taught, in time"
    )
    learners: Annotated[list[LearnerSummary], Field(max_length=MAX_PEOPLE)] = Field(
        default_factory=list, description="How each learner responded"
    )
    reinforcement: Claims = Field(
        default_factory=list, description="What needs reinforcement, the most needed first"
    )
    strong_moments: Claims = Field(default_factory=list, description="What went well")
    open_questions: Claims = Field(
        default_factory=list, description="Questions that nobody answered in the lesson"
    )
    homework: Claims = Field(default_factory=list, description="Homework as it was agreed")
    next_plan: Claims = Field(default_factory=list, description="A plan for the next lesson")
    not_observed: Claims = Field(
        default_factory=list, description="What was planned or could be expected, and was not seen"
    )
    reflections: Annotated[list[Reflection], Field(max_length=100)] = Field(
        default_factory=list, description="How each tutor taught; for that tutor"
    )
    writer: Identifier = Field(description="What wrote it: `extractive`, or a language model")
    writer_version: Identifier = Field(description="Version of the writer")
    models: dict[str, str] = Field(
        default_factory=dict, max_length=50, description="Models that were read with: name, version"
    )
    machine_made: Literal[True] = Field(
        default=True, description="A machine made it (Regulation (EU) 2024/1689, Article 50)"
    )
    dropped_claims: Count = Field(
        default=0, description="Sentences that the record did not support, so they are not here"
    )

    @model_validator(mode="after")
    def _every_claim_has_its_own_id(self) -> Self:
        ids = [claim.claim_id for claim in self.claims()]
        if len(ids) != len(set(ids)):
            raise ValueError("two claims have the same claim_id")
        if self.replaces is not None and self.replaces >= self.version:
            raise ValueError("replaces must be an earlier version")
        return self

    def claims(self) -> list[Claim]:
        """Return every sentence of it, in the order of a page."""
        return [
            *self.objective_claims,
            *(claim for segment in self.segments for claim in segment.claims),
            *(claim for learner in self.learners for claim in learner.claims),
            *self.reinforcement,
            *self.strong_moments,
            *self.open_questions,
            *self.homework,
            *self.next_plan,
            *self.not_observed,
        ]
