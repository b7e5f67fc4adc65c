"""How a client sets up an OpenAI Realtime transcription session, in today's form and the beta's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lessons.errors import InvalidInput
from media_ingest.raw_audio import Encoding, RawAudioDecoder
from media_ingest.utterances import CuttingSettings
from serving.compatible.openai_request import LONGEST_PROMPT_CHARACTERS, MOST_WORDS, keywords_of
from serving.compatible.speech_stream import cutting_by

BETA_FORMATS: Mapping[str, str] = MappingProxyType(
    {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
)
BETA_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "input_audio_transcription": "transcription",
        "input_audio_noise_reduction": "noise_reduction",
        "turn_detection": "turn_detection",
    }
)
WIRE: Mapping[str, tuple[Encoding, int]] = MappingProxyType(
    {
        "audio/pcm": ("linear16", 24_000),
        "audio/pcmu": ("mulaw", 8_000),
        "audio/pcma": ("alaw", 8_000),
    }
)
"""How each format's samples are written, and how many a second."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AudioFormat(_Part):
    """Audio as the client sends it; of PCM only 24 kHz, as with OpenAI."""

    type: Literal["audio/pcm", "audio/pcmu", "audio/pcma"] = "audio/pcm"
    rate: Literal[24000, 8000] | None = None

    def decoder(self) -> RawAudioDecoder:
        """Return a decoder of this format.

        Raises:
            InvalidInput: the rate is not the format's.
        """
        encoding, rate = WIRE[self.type]
        if self.rate not in (None, rate):
            raise InvalidInput(
                f"{self.type} has {rate} samples a second.", field="session.audio.input.format.rate"
            )
        return RawAudioDecoder(encoding, rate)


class Transcription(_Part):
    """What to listen for. The model's name is kept and has no effect; so has `delay`."""

    model: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, max_length=20)
    languages: list[str] | None = Field(default=None, max_length=20)
    prompt: str | None = Field(default=None, max_length=LONGEST_PROMPT_CHARACTERS)
    keywords: list[str] | None = Field(default=None, max_length=MOST_WORDS)
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None

    @property
    def asked_language(self) -> str | None:
        """The language that was asked for, if any was."""
        return self.language or next(iter(self.languages or ()), None)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Words to listen for."""
        return (*(self.keywords or ()), *keywords_of(self.prompt))[:MOST_WORDS]


class NoiseReduction(_Part):
    """Taken and without effect: what is no speech is left out by two gates already."""

    type: Literal["near_field", "far_field"] | None = None
    strength: float | None = None


class TurnDetection(_Part):
    """When a turn ends by itself."""

    type: Literal["server_vad"] = "server_vad"
    threshold: float = Field(default=0.5, gt=0, lt=1)
    prefix_padding_ms: int = Field(default=300, ge=0, le=5_000)
    silence_duration_ms: int = Field(default=500, ge=0, le=10_000)
    create_response: bool | None = None
    interrupt_response: bool | None = None


class AudioInput(_Part):
    """The one input of a session; without `turn_detection` the client commits by itself."""

    format: AudioFormat = AudioFormat()
    transcription: Transcription = Transcription()
    noise_reduction: NoiseReduction | None = None
    turn_detection: TurnDetection | None = TurnDetection()

    @property
    def cutting(self) -> CuttingSettings:
        """Where speech is cut."""
        detection = self.turn_detection
        if detection is None:
            return CuttingSettings()
        return cutting_by(
            threshold=detection.threshold,
            padding_ms=detection.prefix_padding_ms,
            pause_ms=detection.silence_duration_ms,
        )


class Audio(_Part):
    """There is input alone: nothing is spoken back."""

    input: AudioInput = AudioInput()


class Session(_Part):
    """A transcription session as it stands."""

    type: Literal["transcription"] = "transcription"
    audio: Audio = Audio()
    include: list[Literal["item.input_audio_transcription.logprobs"]] | None = Field(
        default=None, max_length=0
    )

    def changed_by(self, update: Mapping[str, Any]) -> Session:
        """Return the session with what an update names; the rest stays.

        Raises:
            InvalidInput: names the field that is unknown, malformed or not done here.
        """
        try:
            return Session.model_validate(_merged(self.model_dump(), update))
        except ValidationError as error:
            first = error.errors()[0]
            path = ".".join(str(part) for part in ("session", *first["loc"]))
            raise InvalidInput(f"{first['msg']}.", field=path) from error


def of_beta(update: Mapping[str, Any]) -> dict[str, Any]:
    """Return a `transcription_session.update` of the beta as a session of today.

    Raises:
        InvalidInput: the audio format is none of the beta's.
    """
    rest = dict(update)
    given: dict[str, Any] = {}
    if "input_audio_format" in rest:
        name = rest.pop("input_audio_format")
        if name not in BETA_FORMATS:
            known = ", ".join(BETA_FORMATS)
            raise InvalidInput(
                f"{name!r} is no format.", field="session.input_audio_format", fix=f"Known: {known}"
            )
        given["format"] = {"type": BETA_FORMATS[name], "rate": None}
    for old, new in BETA_NAMES.items():
        if old in rest:
            given[new] = rest.pop(old)
    return rest | {"audio": {"input": given}}


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested objects merged; whatever is no object replaces what was there."""
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(before, value) if both else value  # type: ignore[arg-type]
    return merged
