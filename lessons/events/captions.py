"""Captions: partials pass by, finals and corrections are stored."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lessons.events.data import EventData
from lessons.events.families import Family
from lessons.roles import Role

_PARTICIPANT = "par_01kb9x5t7v0000000000000000"
_TRACK = "trk_01kb9x5t7v0000000000000000"
_CAPTION = "cap_01kb9x5t7v0000000000000000"


class CaptionWord(BaseModel):
    """One recognised word; times are milliseconds on the lesson clock, confidence is in 0..1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(description="The word, with its punctuation")
    start_ms: int = Field(ge=0, description="Start on the lesson clock")
    end_ms: int = Field(ge=0, description="End on the lesson clock")
    confidence: float = Field(ge=0, le=1, description="Probability that it was said")


class CaptionFinal(EventData):
    """A span of speech as text that will only change by a correction.

    All times are on the lesson clock; `finalised_at_ms - speech_end_ms` is the caption's latency,
    and a recording's caption has none: its `finalised_at_ms` is null. So is that of a caption which
    a person typed; its engine is `human`, its words have no times, and nobody gave it a confidence.
    """

    type = "caption.final"
    version = 2
    shared = True
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

    caption_id: str = Field(description="The same for the caption's partials and corrections")
    track_id: str | None = Field(
        description="Track on which it was heard; null where it was typed for nobody's track"
    )
    participant_id: str = Field(description="Who said it: whose track it is")
    role: Role = Field(description="Role of the speaker")
    participant_name: str = Field(description="Name of the speaker")
    revision: int = Field(ge=1, description="Counts what readers saw of this caption, from 1")
    start_ms: int = Field(ge=0, description="Start on the lesson clock")
    end_ms: int = Field(ge=0, description="End on the lesson clock")
    text: str = Field(min_length=1, description="What was said")
    words: list[CaptionWord] = Field(description="The words with their times")
    confidence: float | None = Field(
        ge=0, le=1, description="Mean of the words' confidence; null where a person typed it"
    )
    language: str = Field(description="ISO 639-1 code")
    engine: str = Field(description="Engine that made it, or `human`")
    model: str = Field(description="Model of the engine")
    finalised_at_ms: int | None = Field(
        default=None, ge=0, description="When it became final; null if it was not heard live"
    )
    speech_end_ms: int = Field(ge=0, description="When the speech ended")
    typed_by: str | None = Field(
        default=None, description="Id of the participant or API key that typed it, if one did"
    )

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_ms < self.start_ms:
            raise ValueError("end_ms lies before start_ms")
        return self


class CaptionCorrected(EventData):
    """A person put a final caption right; the first words stay in the ledger."""

    type = "caption.corrected"
    shared = True
    example: ClassVar = {
        "caption_id": _CAPTION,
        "revision": 5,
        "text": "three quarters of it",
        "corrected_by": _PARTICIPANT,
        "reason": "words were missing",
    }

    caption_id: str = Field(description="The caption that was put right")
    revision: int = Field(ge=2, description="Above the revision that it replaces")
    text: str = Field(min_length=1, max_length=10_000, description="What was said")
    corrected_by: str = Field(description="Id of the participant or API key that corrected it")
    reason: str | None = Field(default=None, max_length=1_000, description="Why, if told")


class CaptionTranslated(EventData):
    """A model wrote a caption in another language. The subject is the speaker.

    It is of one revision of the caption: once that is corrected, this holds no more, and another
    translation follows. The original stays as it is.
    """

    type = "caption.translated"
    needs_subject = True
    shared = True
    example: ClassVar = {
        "caption_id": _CAPTION,
        "revision": 4,
        "source_language": "en",
        "language": "es",
        "text": "tres cuartos",
        "model": "Helsinki-NLP/opus-mt-en-es",
    }

    caption_id: str = Field(description="The caption that was translated")
    revision: int = Field(ge=1, description="The revision of it that was translated")
    source_language: str = Field(description="ISO 639 code of the original")
    language: str = Field(description="ISO 639 code of this text")
    text: str = Field(min_length=1, description="What the model wrote")
    model: str = Field(description="Model that translated it")


class CaptionDelayed(EventData):
    """A final caption is later than the installation's declared bound; it still comes.

    Told while it waits, so that readers know that words are missing. A track tells it at most every
    half minute; `captions_late` counts what became late since the last time.
    """

    type = "caption.delayed"
    shared = True
    example: ClassVar = {
        "caption_id": _CAPTION,
        "track_id": _TRACK,
        "participant_id": _PARTICIPANT,
        "waited_ms": 10000,
        "bound_ms": 10000,
        "cause": "captioner_busy",
        "captions_late": 1,
    }

    caption_id: str = Field(description="The caption that is late, as its final will be called")
    track_id: str = Field(description="Track on which it was heard")
    participant_id: str = Field(description="Who said it: whose track it is")
    waited_ms: int = Field(ge=0, description="Time since its utterance ended")
    bound_ms: int = Field(gt=0, description="Time within which a final is declared to come")
    cause: Literal["captioner_busy", "captioner_away"] = Field(
        description="Whether the captioner has too much to do, or fails or cannot be reached"
    )
    captions_late: int = Field(
        ge=1, description="Captions of the track that became late since the last such event"
    )


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


CAPTIONS = Family(
    "captions",
    "Captions",
    "Speech as text. A final caption is never changed: a correction is an event of its own.",
    recorded=(CaptionFinal, CaptionCorrected, CaptionTranslated, CaptionDelayed),
)
