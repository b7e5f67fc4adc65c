"""Signals: what a model computed from other events, with its evidence and confidence."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from lessons.events.affect import affect_label_in
from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.events.values import Milliseconds, Name

MAX_EVIDENCE = 100

EngagementState = Literal["contributing", "following", "idle", "away", "not_enough_evidence"]
"""What can be observed: speaking or writing; there, with some activity; there, with none; gone."""


class Evidence(BaseModel):
    """Events that support a claim, and the span of the lesson clock that they cover."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_ids: list[Name] = Field(
        min_length=1, max_length=MAX_EVIDENCE, description="Ids of events of this lesson"
    )
    start_ms: Milliseconds = Field(description="Start of the span")
    end_ms: Milliseconds = Field(description="End of the span")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_ms < self.start_ms:
            raise ValueError("end_ms lies before start_ms")
        return self


class EngagementSignal(EventData):
    """How the subject took part in a span of the lesson, as far as activity shows it.

    It is a claim about activity, never about a feeling: states that name one are refused.
    """

    type = "engagement.signal"
    needs_subject = True
    example: ClassVar = {
        "state": "contributing",
        "start_ms": 60000,
        "end_ms": 120000,
        "confidence": 0.82,
        "evidence": [
            {"event_ids": ["platform-4711"], "start_ms": 61000, "end_ms": 64000},
        ],
        "model": "participation-rules",
        "model_version": "1",
    }

    state: EngagementState = Field(description="How the subject took part")
    start_ms: Milliseconds = Field(description="Start of the span that it is about")
    end_ms: Milliseconds = Field(description="End of the span that it is about")
    confidence: float = Field(ge=0, le=1, description="Probability that the state is right")
    evidence: list[Evidence] = Field(
        max_length=MAX_EVIDENCE,
        description="What supports it; empty only where there is not enough",
    )
    model: Name = Field(description="Name of the model that made it")
    model_version: Name = Field(description="Version of the model that made it")

    @field_validator("state", mode="before")
    @classmethod
    def _is_no_feeling(cls, value: object) -> object:
        label = affect_label_in(value) if isinstance(value, str) else None
        if label is not None:
            raise PydanticCustomError(
                "affect_label",
                "'{label}' names an emotion, and Lectern infers none (EU AI Act, Article 5(1)(f))",
                {"label": label},
            )
        return value

    @model_validator(mode="after")
    def _a_claim_has_evidence(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError("end_ms must lie after start_ms")
        if self.state != "not_enough_evidence" and not self.evidence:
            raise ValueError(f"the state {self.state} needs evidence")
        return self


SIGNALS = Family(
    "signals",
    "Signals",
    "What models of Lectern concluded from other events. Every signal names its evidence, its "
    "confidence and the version that made it; emotions are never inferred.",
    recorded=(EngagementSignal,),
)
