"""The bytes between the process that reads lessons and the one that has models.

`POST /reading/{kind}` takes MessagePack `{"items": [...]}` and answers `{"model", "version",
"joined", "results": [...]}`, a result for each item in its order. Texts, turns and exchanges go as
they are; arrays as `{"shape", "values"}`, values being little-endian.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeVar

import msgpack  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from features.segmentation import FEATURES
from lessons.errors import InvalidInput
from models.segments.network import WORDS_READ, RowInputs
from models.summaries.interface import ChatPrompt
from models.talk_moves.exchanges import ExchangeReading
from models.talk_moves.interface import Exchange, MoveProbabilities, Turn
from serving.reading.loaded import Kind

MEDIA_TYPE = "application/msgpack"
MOST_ITEMS = 256
"""Items of one request."""

TIMEOUT_S: Mapping[Kind, float] = {
    "encoder": 50.0,
    "exchanges": 50.0,
    "talk_moves": 50.0,
    "segments": 50.0,
    "chat": 900.0,
}
"""What takes longer is tried again later, in seconds; nobody waits for it on a screen."""

_FLOATS, _INTEGERS = np.dtype("<f4"), np.dtype("<i8")
_Message = TypeVar("_Message", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says of the items of one request.

    Attributes:
        joined: requests that the model's call answered, this one among them.
        results: one for each item, in their order.
    """

    model: str
    version: str
    joined: int
    results: list[Any]


class _Request(BaseModel):
    items: list[Any] = Field(min_length=1, max_length=MOST_ITEMS)


class _Answer(BaseModel):
    model: str
    version: str
    joined: int
    results: list[Any]


class _Array(BaseModel):
    shape: list[Annotated[int, Field(ge=0)]] = Field(max_length=2)
    values: bytes


def _packed(kind: np.dtype[Any], array: NDArray[Any]) -> dict[str, Any]:
    return {"shape": list(array.shape), "values": array.astype(kind, copy=False).tobytes()}


def _unpacked(kind: np.dtype[Any], value: object) -> NDArray[Any]:
    told = _Array.model_validate(value)
    if len(told.values) != math.prod(told.shape) * kind.itemsize:
        raise ValueError(f"{len(told.values)} bytes are no {kind.name} of the shape {told.shape}")
    return np.frombuffer(told.values, kind).reshape(told.shape)


def _packed_rows(rows: RowInputs) -> dict[str, Any]:
    return {"scaled": _packed(_FLOATS, rows.scaled), "words": _packed(_INTEGERS, rows.words)}


def _unpacked_rows(value: object) -> RowInputs:
    told = TypeAdapter(dict[str, Any]).validate_python(value)
    scaled = _unpacked(_FLOATS, told.get("scaled"))
    words = _unpacked(_INTEGERS, told.get("words"))
    rows = len(scaled)
    if not rows or (scaled.shape, words.shape) != ((rows, len(FEATURES)), (rows, WORDS_READ)):
        raise ValueError(f"the shapes {scaled.shape} and {words.shape} are of another release")
    return RowInputs(scaled, words)


_Floats = Annotated[
    NDArray[np.float32],
    PlainValidator(partial(_unpacked, _FLOATS)),
    PlainSerializer(partial(_packed, _FLOATS)),
]
_Rows = Annotated[RowInputs, PlainValidator(_unpacked_rows), PlainSerializer(_packed_rows)]

_ITEMS: Mapping[Kind, TypeAdapter[Any]] = {
    "encoder": TypeAdapter(list[str]),
    "exchanges": TypeAdapter(list[Exchange]),
    "talk_moves": TypeAdapter(list[Turn]),
    "segments": TypeAdapter(list[_Rows]),
    "chat": TypeAdapter(list[ChatPrompt]),
}
_RESULTS: Mapping[Kind, TypeAdapter[Any]] = {
    "encoder": TypeAdapter(list[_Floats]),
    "exchanges": TypeAdapter(list[ExchangeReading]),
    "talk_moves": TypeAdapter(list[MoveProbabilities]),
    "segments": TypeAdapter(list[_Floats]),
    "chat": TypeAdapter(list[str]),
}


def encode_items(kind: Kind, items: Sequence[Any]) -> bytes:
    """Return the request for items of a kind."""
    packed: bytes = msgpack.packb({"items": _ITEMS[kind].dump_python(list(items))})
    return packed


def decode_items(kind: Kind, body: bytes) -> list[Any]:
    """Return the items of a request.

    Raises:
        InvalidInput: the body is not such a request.
    """
    items: list[Any] = _validated(_ITEMS[kind], _unpack(body, _Request).items, "items")
    return items


def encode_answer(kind: Kind, answer: Answer) -> bytes:
    """Return an answer's bytes."""
    told = {"model": answer.model, "version": answer.version, "joined": answer.joined}
    results = _RESULTS[kind].dump_python(answer.results)
    packed: bytes = msgpack.packb({**told, "results": results})
    return packed


def decode_answer(kind: Kind, body: bytes, items: int) -> Answer:
    """Return the answer about so many items.

    Raises:
        InvalidInput: the body is not such an answer.
    """
    told = _unpack(body, _Answer)
    results = _validated(_RESULTS[kind], told.results, "results")
    if len(results) != items:
        raise InvalidInput(f"{len(results)} results are for other than {items} items.")
    return Answer(told.model, told.version, told.joined, results)


def _unpack(body: bytes, message: type[_Message]) -> _Message:
    try:
        value = msgpack.unpackb(body)
    except (ValueError, msgpack.UnpackException) as error:
        raise InvalidInput("The body is not MessagePack.", field="body") from error
    validated: _Message = _validated(TypeAdapter(message), value, None)
    return validated


def _validated(form: TypeAdapter[Any], value: object, within: str | None) -> Any:
    try:
        return form.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = [*([within] if within else []), *(str(part) for part in first["loc"])]
        raise InvalidInput(
            f"The message is malformed: {first['msg']}.",
            field=".".join(where) or None,
            fix="Run the same release of Lectern in every process.",
        ) from error
