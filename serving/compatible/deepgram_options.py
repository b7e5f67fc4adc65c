"""The query of Deepgram's `/v1/listen`: what is honoured, what has no effect, what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lessons.errors import InvalidInput
from media_ingest.raw_audio import Encoding, RawAudioDecoder
from media_ingest.utterances import CuttingSettings
from serving.compatible.openai_request import MOST_WORDS
from serving.compatible.speech_stream import cutting_by

WITHOUT_EFFECT = frozenset(
    {
        "version",
        "punctuate",
        "smart_format",
        "tag",
        "extra",
        "mip_opt_out",
        "no_delay",
        "filler_words",
    }
)
"""Taken, since the answer means the same without: the words are written as the engine writes them,
and nothing is kept that a model could be improved with."""

NOT_DONE_HERE = frozenset(
    {
        "callback",
        "callback_method",
        "custom_intent",
        "custom_topic",
        "detect_entities",
        "detect_language",
        "diarize",
        "diarize_model",
        "dictation",
        "intents",
        "language_hint",
        "measurements",
        "multichannel",
        "numerals",
        "paragraphs",
        "profanity_filter",
        "redact",
        "replace",
        "search",
        "sentiment",
        "summarize",
        "topics",
    }
)
"""Deepgram's own, refused unless they are switched off: without them the answer means another."""

ENCODINGS: dict[str, Encoding] = {
    "linear16": "linear16",
    "linear32": "float32",
    "mulaw": "mulaw",
    "alaw": "alaw",
    "opus": "opus",
}
OPUS_RATE = 48_000
NO = frozenset({"false", "0", ""})


class ListenOptions(BaseModel):
    """What a client asks for. `endpointing` is a pause in milliseconds; None is Lectern's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(default="", max_length=200)
    language: str | None = Field(default=None, max_length=20)
    encoding: Literal["linear16", "linear32", "mulaw", "alaw", "opus"] | None = None
    sample_rate: int | None = Field(default=None, ge=8_000, le=48_000)
    channels: int = Field(default=1, ge=1, le=2)
    interim_results: bool = False
    endpointing: int | Literal[False] | None = None
    utterance_end_ms: int | None = Field(default=None, ge=100, le=60_000)
    utt_split: float = Field(default=0.8, gt=0, le=10)
    utterances: bool = False
    vad_events: bool = False
    keyterm: list[str] = Field(default_factory=list, max_length=MOST_WORDS)
    keywords: list[str] = Field(default_factory=list, max_length=MOST_WORDS)

    @field_validator("endpointing", mode="before")
    @classmethod
    def _pause(cls, value: object) -> object:
        return {"false": False, "true": None}.get(str(value).lower(), value)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Words to listen for; boosts (`word:2`) are left out."""
        words = (word.partition(":")[0] for word in self.keywords)
        return (*self.keyterm, *words)[:MOST_WORDS]

    @property
    def cutting(self) -> CuttingSettings:
        """Where speech is cut."""
        return cutting_by(pause_ms=self.endpointing or None)

    def decoder(self) -> RawAudioDecoder:
        """Return the decoder of a live stream.

        Raises:
            InvalidInput: the query does not say how the audio is written.
        """
        if self.encoding is None:
            raise InvalidInput(
                "A live stream has to say how its audio is written; containers are for files.",
                field="encoding",
                fix=f"One of: {', '.join(ENCODINGS)}; with sample_rate and channels.",
            )
        rate = self.sample_rate or (OPUS_RATE if self.encoding == "opus" else None)
        if rate is None:
            raise InvalidInput("It is missing.", field="sample_rate", fix="Such as 16000.")
        return RawAudioDecoder(ENCODINGS[self.encoding], rate, self.channels)


def read_options(query: Iterable[tuple[str, str]]) -> ListenOptions:
    """Return the options of a query, where lists are repeated parameters.

    Raises:
        InvalidInput: names the parameter that is unknown, malformed or not done here.
    """
    values: dict[str, str | list[str]] = {}
    for name, value in query:
        if name in WITHOUT_EFFECT:
            continue
        if name in NOT_DONE_HERE:
            if value.lower() not in NO:
                raise InvalidInput(
                    "It is not offered here.", field=name, fix="Leave it out; see docs."
                )
        elif name in ("keyterm", "keywords"):
            known = values.setdefault(name, [])
            if isinstance(known, list):
                known.append(value)
        else:
            values[name] = value
    try:
        return ListenOptions.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            raise InvalidInput("There is no such parameter.", field=field) from error
        raise InvalidInput(f"{first['msg']}.", field=field) from error
