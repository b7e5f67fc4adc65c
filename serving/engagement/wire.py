"""The bytes between the process that follows lessons and the one that has models.

Windows go as MessagePack `{"features", "shape", "values"}`, values being little-endian float32 in
the order (learners, history, features); the answer is `{"model", "version", "shape", "values"}`
with (learners, states). `features` names the columns, so that two releases never mix them up.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgpack  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.engagement import FEATURES
from lessons.errors import InvalidInput
from models.engagement.states import STATES

MEDIA_TYPE = "application/msgpack"
MOST_LEARNERS = 4_096
"""Learners of one request."""
MOST_PAIRS = 256
"""Texts that one request compares."""
VALUE_TYPE = np.dtype("<f4")
COLUMNS = hashlib.sha256(" ".join(one.name for one in FEATURES).encode()).hexdigest()[:16]
"""Names the columns of a window, in their order."""

Array = NDArray[np.float32]
Size = Annotated[int, Field(ge=0)]
_Message = TypeVar("_Message", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Probabilities of states, shape (learners, states), and the model that they come from."""

    probabilities: Array
    model: str
    version: str


class _Windows(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    features: str
    shape: list[Size] = Field(min_length=3, max_length=3)
    values: bytes


class _Estimates(BaseModel):
    model_config = ConfigDict(strict=True)

    model: str
    version: str
    shape: list[Size] = Field(min_length=2, max_length=2)
    values: bytes


class TopicPair(BaseModel):
    """Something that was said, and what it should be about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    said: str = Field(max_length=2_000)
    topic: str = Field(max_length=2_000)


class TopicPairs(BaseModel):
    """The body of `POST /similarity`."""

    pairs: list[TopicPair] = Field(max_length=MOST_PAIRS)


class Similarities(BaseModel):
    """Its answer, in the same order: cosines in -1..1."""

    similarities: list[float]


class LoadedEngagement(BaseModel):
    """The engagement model as `GET /models` tells of it.

    Attributes:
        history: windows of a learner that it reads.
        embeddings: the model that compares what is said with the objective; None: there is none.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "state": "ready",
                    "reason": "Because no other model beat the baseline.",
                    "model": "engagement-baseline",
                    "version": "1",
                    "history": 1,
                    "embeddings": "all-MiniLM-L6-v2",
                }
            ]
        }
    )

    state: Literal["starting", "ready", "failed", "unavailable"]
    reason: str
    model: str | None = None
    version: str | None = None
    history: int | None = None
    embeddings: str | None = None


def encode_windows(windows: Array) -> bytes:
    """Return the request for windows of shape (learners, history, features)."""
    packed: bytes = msgpack.packb({"features": COLUMNS, **_packed(windows)})
    return packed


def decode_windows(body: bytes) -> Array:
    """Return the windows of a request, read-only.

    Raises:
        InvalidInput: the body is not such a request, or its columns are those of another release.
    """
    request = _unpack(body, _Windows)
    if request.features != COLUMNS:
        raise InvalidInput(
            "The windows have the columns of another release.",
            field="features",
            fix="Run the same release of Lectern in every process.",
        )
    if request.shape[0] > MOST_LEARNERS or request.shape[2] != len(FEATURES):
        raise InvalidInput(
            f"The shape {request.shape} is not (up to {MOST_LEARNERS}, history, {len(FEATURES)}).",
            field="shape",
            fix="Send fewer learners at a time.",
        )
    return _array(request.shape, request.values)


def encode_estimates(estimates: Estimates) -> bytes:
    """Return the answer with these estimates."""
    told = {"model": estimates.model, "version": estimates.version}
    packed: bytes = msgpack.packb({**told, **_packed(estimates.probabilities)})
    return packed


def decode_estimates(body: bytes, learners: int) -> Estimates:
    """Return the estimates of an answer about so many learners.

    Raises:
        InvalidInput: the body is not such an answer.
    """
    answer = _unpack(body, _Estimates)
    if answer.shape != [learners, len(STATES)]:
        raise InvalidInput(f"The answer has the shape {answer.shape}.", field="shape")
    return Estimates(_array(answer.shape, answer.values), answer.model, answer.version)


def _packed(array: Array) -> dict[str, object]:
    values = np.ascontiguousarray(array, dtype=VALUE_TYPE)
    return {"shape": list(values.shape), "values": values.tobytes()}


def _array(shape: list[int], values: bytes) -> Array:
    if len(values) != math.prod(shape) * VALUE_TYPE.itemsize:
        raise InvalidInput(
            f"{len(values)} bytes are no float32 of the shape {shape}.",
            field="values",
            fix="Send little-endian float32.",
        )
    return np.frombuffer(values, dtype=VALUE_TYPE).reshape(shape)


def _unpack(body: bytes, kind: type[_Message]) -> _Message:
    try:
        return kind.model_validate(msgpack.unpackb(body))
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            f"The message is malformed: {first['msg']}.",
            field=".".join(str(part) for part in first["loc"]) or None,
        ) from error
    except (ValueError, msgpack.UnpackException) as error:
        raise InvalidInput("The body is not MessagePack.", field="body") from error
