"""What goes to the translator and comes back, as JSON between processes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TEXTS = 64
"""Texts of one request."""


class Original(BaseModel):
    """A text to translate; languages are ISO 639 codes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    source: str
    target: str


class Translation(BaseModel):
    """What became of a text.

    Attributes:
        outcome: `done`; `not_offered`: no loaded model has the pair of languages; `unsound`: what
            came out was empty or had no end; `failed`: the model broke on it.
        text: the translation, where it is done.
        model: that made it, or was to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Literal["done", "not_offered", "unsound", "failed"]
    text: str = ""
    model: str = ""


class Originals(BaseModel):
    """The body of `POST /translate`."""

    texts: list[Original] = Field(max_length=MOST_TEXTS)


class Translations(BaseModel):
    """Its answer, in the same order."""

    translations: list[Translation]


class LoadedTranslationModel(BaseModel):
    """A loaded translation model; it translates from each source into each other target."""

    model: str
    version: str
    device: str
    compute_type: str
    sources: list[str]
    targets: list[str]


class LoadedTranslation(BaseModel):
    """The translator as `GET /models` tells of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "state": "ready",
                    "reason": "Captions are translated by Helsinki-NLP/opus-mt-en-es.",
                    "models": [
                        {
                            "model": "Helsinki-NLP/opus-mt-en-es",
                            "version": "transformers 5.24.0",
                            "device": "cpu",
                            "compute_type": "float32",
                            "sources": ["en"],
                            "targets": ["es"],
                        }
                    ],
                }
            ]
        }
    )

    state: Literal["off", "starting", "ready", "failed", "unavailable"]
    reason: str
    models: list[LoadedTranslationModel] = Field(default_factory=list)
