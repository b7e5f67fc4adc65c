"""Captions: partials pass by, finals and corrections are stored."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lessons.events.data import EventData
from lessons.roles import Role

_PARTICIPANT = "par_01kb9x5t7v0000000000000000"
_TRACK = "trk_01kb9x5t7v0000000000000000"
_CAPTION = "cap_01kb9x5t7v0000000000000000"


class CaptionWord(BaseModel):
    """One recognised word; times are milliseconds on the lesson clock, confidence is in 0..1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    confidence: float = Field(ge=0, le=1)


class CaptionFinal(EventData):
    """A span of speech as text that will only change by a correction.

    All times are on the lesson clock; `finalised_at_ms - speech_end_ms` is the caption's latency,
    and a recording's caption has none: its `finalised_at_ms` is null.
    """

    type = "caption.final"
    example: ClassVar = {
        "caption_id": _CAPTION,
        "track_id": _TRACK,
        "participant_id": _PARTICIPANT,
        "role": "learner",
        "participant_name": "Ada",
        "revision": 4,
        "start_ms": 12000,
        "end_ms": 12900,
        "text": "three quarters",
        "words": [
            {"text": "three", "start_ms": 12000, "end_ms": 12350, "confidence": 0.93},
            {"text": "quarters", "start_ms": 12350, "end_ms": 12900, "confidence": 0.88},
        ],
        "confidence": 0.9,
        "language": "en",
        "engine": "faster-whisper",
        "model": "small.en",
        "finalised_at_ms": 13800,
        "speech_end_ms": 12900,
    }

    caption_id: str
    track_id: str
    participant_id: str
    role: Role
    participant_name: str
    revision: int = Field(ge=1)
    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    text: str = Field(min_length=1)
    words: list[CaptionWord]
    confidence: float = Field(ge=0, le=1)
    language: str
    engine: str
    model: str
    finalised_at_ms: int | None = Field(default=None, ge=0)
    speech_end_ms: int = Field(ge=0)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_ms < self.start_ms:
            raise ValueError("end_ms lies before start_ms")
        return self


class CaptionCorrected(EventData):
    """A person put a final caption right; the first words stay in the ledger."""

    type = "caption.corrected"
    example: ClassVar = {
        "caption_id": _CAPTION,
        "revision": 5,
        "text": "three quarters of it",
        "corrected_by": _PARTICIPANT,
        "reason": "words were missing",
    }

    caption_id: str
    revision: int = Field(ge=2)
    text: str = Field(min_length=1, max_length=10_000)
    corrected_by: str = Field(description="Id of the participant or API key that corrected it")
    reason: str | None = Field(default=None, max_length=1_000)


class PartialCaption(BaseModel):
    """A caption that may still change. It is never stored; `stable_text` will not be taken back."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "caption_id": _CAPTION,
                    "track_id": _TRACK,
                    "participant_id": _PARTICIPANT,
                    "role": "learner",
                    "participant_name": "Ada",
                    "revision": 2,
                    "start_ms": 12000,
                    "end_ms": 12700,
                    "stable_text": "three",
                    "unstable_text": "quart",
                    "language": "en",
                }
            ]
        },
    )

    caption_id: str
    track_id: str
    participant_id: str
    role: Role
    participant_name: str
    revision: int = Field(ge=1)
    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    stable_text: str
    unstable_text: str
    language: str
