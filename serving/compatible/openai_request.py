"""The form of `POST /v1/audio/transcriptions`, as OpenAI's clients fill it in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from lessons.errors import InvalidInput
from media_ingest.utterances import CuttingSettings
from serving.compatible.speech_stream import cutting_by

LONGEST_PROMPT_CHARACTERS = 2_000
MOST_WORDS = 500

Granularity = Literal["word", "segment"]
ResponseFormat = Literal["json", "text", "srt", "verbose_json", "vtt"]

NOT_DONE_HERE = {
    "known_speaker_names": "Speakers are not told apart by their voices.",
    "known_speaker_references": "Speakers are not told apart by their voices.",
    "include": "Log probabilities of tokens are not offered; verbose_json has each segment's.",
}
"""Parameters that would change what the answer means, and why they are refused."""


def _truth(value: object) -> object:
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower(), value)


def keywords_of(prompt: str | None) -> tuple[str, ...]:
    """Return the words to listen for in a prompt: a list, as Whisper's guide has it, or nothing.

    A prompt in running text tells of style, which these engines have no notion of.
    """
    if not prompt or not any(mark in prompt for mark in ",;\n"):
        return ()
    parts = prompt.replace(";", ",").replace("\n", ",").split(",")
    return tuple(part.strip(" .") for part in parts if part.strip(" ."))[:MOST_WORDS]


class TranscriptionForm(BaseModel):
    """The fields besides the file. Those of OpenAI's that cannot be honoured are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1, max_length=200)
    language: str | None = Field(default=None, max_length=20)
    languages: list[str] = Field(default_factory=list, max_length=20)
    prompt: str | None = Field(default=None, max_length=LONGEST_PROMPT_CHARACTERS)
    keywords: list[str] = Field(default_factory=list, max_length=MOST_WORDS)
    response_format: ResponseFormat = "json"
    temperature: float = Field(default=0, ge=0, le=1)
    timestamp_granularities: list[Granularity] = Field(default_factory=list, max_length=2)
    stream: Annotated[bool, BeforeValidator(_truth)] = False
    chunking_strategy: Literal["auto", "server_vad"] | None = None
    threshold: float | None = Field(default=None, gt=0, lt=1)
    prefix_padding_ms: int | None = Field(default=None, ge=0, le=5_000)
    silence_duration_ms: int | None = Field(default=None, ge=0, le=10_000)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.timestamp_granularities and self.response_format != "verbose_json":
            raise ValueError("timestamp_granularities needs response_format=verbose_json")
        if self.stream and self.response_format not in ("json", "text"):
            raise ValueError("stream needs response_format=json or text")
        if "diarize" in self.model:
            raise ValueError(f"model={self.model}: speakers are not told apart by their voices")
        return self

    @property
    def granularities(self) -> frozenset[Granularity]:
        """What verbose_json shows: segments, unless only words were asked for."""
        return frozenset(self.timestamp_granularities or ("segment",))

    @property
    def asked_language(self) -> str | None:
        """The language that was asked for, if any was: the first, where several are possible."""
        return self.language or next(iter(self.languages), None)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Words to listen for."""
        return (*self.keywords, *keywords_of(self.prompt))[:MOST_WORDS]

    @property
    def cutting(self) -> CuttingSettings:
        """Where speech is cut."""
        return cutting_by(
            threshold=self.threshold,
            padding_ms=self.prefix_padding_ms,
            pause_ms=self.silence_duration_ms,
        )


def read_form(fields: Iterable[tuple[str, Any]]) -> TranscriptionForm:
    """Return the form of its fields; lists come as `name[]`, objects as `name[part]`.

    Raises:
        InvalidInput: names the field, and what of OpenAI's is not done here.
    """
    values: dict[str, Any] = {}
    for name, value in fields:
        bare, _, part = name.rstrip("]").partition("[")
        if bare in NOT_DONE_HERE:
            raise InvalidInput(NOT_DONE_HERE[bare], field=bare, fix="Leave it out.")
        if bare == "chunking_strategy" and part:
            values["chunking_strategy" if part == "type" else part] = value
        elif name.endswith("[]") or bare in ("keywords", "languages", "timestamp_granularities"):
            values.setdefault(bare, []).append(value)
        else:
            values[bare] = value
    try:
        return TranscriptionForm.model_validate(values)
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> InvalidInput:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    if first["type"] == "extra_forbidden":
        known = ", ".join(TranscriptionForm.model_fields)
        return InvalidInput("There is no such parameter.", field=field, fix=f"Known: {known}.")
    reason = first["msg"].removeprefix("Value error, ")
    return InvalidInput(f"{reason}.", field=field or reason.partition(" ")[0].partition("=")[0])
