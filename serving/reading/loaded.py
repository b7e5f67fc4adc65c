"""What the models process tells of the models that lessons are read with."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["encoder", "exchanges", "talk_moves", "segments", "chat"]
"""What a model reads: texts, exchanges, turns, rows of features of a lesson's utterances; or, of an
instruct model, what it is to write of."""


class LoadedReadingModel(BaseModel):
    """A model that lessons are read with.

    Attributes:
        dimension: numbers of a vector, of the encoder.
    """

    kind: Kind
    state: Literal["ready", "failed"]
    reason: str
    model: str | None = None
    version: str | None = None
    device: str | None = None
    dimension: int | None = None


class LoadedReading(BaseModel):
    """These models as `GET /models` and `GET /reading` tell of them; `off`: none is served."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "state": "ready",
                    "reason": "All of them are loaded.",
                    "models": [
                        {
                            "kind": "encoder",
                            "state": "ready",
                            "reason": "all-MiniLM-L6-v2 is loaded.",
                            "model": "all-MiniLM-L6-v2",
                            "version": "sentence-transformers 6.1.0",
                            "device": "cuda",
                            "dimension": 384,
                        }
                    ],
                }
            ]
        }
    )

    state: Literal["off", "starting", "ready", "unavailable"]
    reason: str
    models: list[LoadedReadingModel] = Field(default_factory=list)
