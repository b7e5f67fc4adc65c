"""What every claim about somebody carries: a span, evidence, observations, the model's version."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lessons.affect import affect_label_in
from lessons.events.data import EventData
from lessons.events.values import Milliseconds, Name

MAX_EVIDENCE = 100
MAX_OBSERVATIONS = 30
LONGEST_OBSERVATION = 300


def _no_feeling(value: Any) -> Any:
    label = affect_label_in(value) if isinstance(value, str) else None
    if label is not None:
        raise PydanticCustomError(
            "affect_label",
            "'{label}' names an emotion, and Lectern infers none (EU AI Act, Article 5(1)(f))",
            {"label": label},
        )
    return value


NoFeeling = BeforeValidator(_no_feeling)
"""Refuses a text that names an emotion; for what a model says, never for what a person writes."""

ObservationName = Annotated[Name, AfterValidator(_no_feeling)]
ObservationText = Annotated[
    str, Field(min_length=1, max_length=LONGEST_OBSERVATION), AfterValidator(_no_feeling)
]


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


class Observation(BaseModel):
    """One thing that was observed, and how strongly it speaks for a claim."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: ObservationName = Field(description="Name of the feature that was looked at")
    value: float | None = Field(default=None, description="Its value; null where it is missing")
    strength: float = Field(
        ge=-1, le=1, description="How strongly it speaks for the claim; below 0: against it"
    )
    text: ObservationText = Field(description="The observation in words that a learner understands")


class SpanData(EventData):
    """What is about a span of the lesson clock."""

    start_ms: Milliseconds = Field(description="Start of the span that it is about")
    end_ms: Milliseconds = Field(description="End of the span that it is about")

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.end_ms <= self.start_ms:
            raise ValueError("end_ms must lie after start_ms")
        return self
