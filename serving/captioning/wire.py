"""The bytes between a process that has windows and the one that has models: MessagePack.

A request is `{"windows": [{"id", "samples", "final", "language", "vocabulary", "detect_language"},
...]}`, samples being little-endian float32. Its answer is `{"outcomes": [...]}`, one for each
window in its order: `{"hypothesis": {...}}` or `{"error": {"code", "reason", "field", "fix",
"retry_after_seconds"}}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, TypeAlias, TypeVar

import msgpack  # type: ignore[import-untyped]
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lessons.errors import InvalidInput, Overloaded, Unavailable
from models.captions.interface import CaptionWindow, Hypothesis

MEDIA_TYPE = "application/msgpack"
MOST_WINDOWS = 64
"""Windows that one request may hold."""
SAMPLE_TYPE = np.dtype("<f4")

Outcome: TypeAlias = Hypothesis | InvalidInput | Unavailable
"""What became of one window."""


class _WireWindow(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    samples: bytes
    final: bool
    language: str | None
    vocabulary: list[str]
    detect_language: bool = False


class _WireRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    windows: Annotated[list[_WireWindow], Field(min_length=1, max_length=MOST_WINDOWS)]


class _WireError(BaseModel):
    code: str
    reason: str
    field: str | None = None
    fix: str | None = None
    retry_after_seconds: int = 5


class _WireOutcome(BaseModel):
    hypothesis: Hypothesis | None = None
    error: _WireError | None = None


class _WireResponse(BaseModel):
    outcomes: list[_WireOutcome]


_Message = TypeVar("_Message", bound=BaseModel)


def encode_windows(windows: Sequence[CaptionWindow]) -> bytes:
    """Return the request for these windows."""
    return _pack({"windows": [_wire_window(window) for window in windows]})


def decode_windows(body: bytes) -> list[CaptionWindow]:
    """Return the windows of a request; their samples are read-only and may be empty.

    Raises:
        InvalidInput: the body is not such a request; names the field at fault.
    """
    request = _unpack(body, _WireRequest)
    return [_caption_window(window, index) for index, window in enumerate(request.windows)]


def encode_outcomes(outcomes: Sequence[Outcome]) -> bytes:
    """Return the answer with these outcomes."""
    return _pack({"outcomes": [_wire_outcome(outcome) for outcome in outcomes]})


def decode_outcomes(body: bytes) -> list[Outcome]:
    """Return the outcomes of an answer.

    Raises:
        InvalidInput: the body is not such an answer.
    """
    return [_outcome(outcome) for outcome in _unpack(body, _WireResponse).outcomes]


def _pack(message: dict[str, Any]) -> bytes:
    packed: bytes = msgpack.packb(message)
    return packed


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


def _wire_window(window: CaptionWindow) -> dict[str, Any]:
    return {
        "id": window.id,
        "samples": np.ascontiguousarray(window.samples, dtype=SAMPLE_TYPE).tobytes(),
        "final": window.final,
        "language": window.language,
        "vocabulary": window.vocabulary,
        "detect_language": window.detect_language,
    }


def _caption_window(wire: _WireWindow, index: int) -> CaptionWindow:
    if len(wire.samples) % SAMPLE_TYPE.itemsize:
        raise InvalidInput(
            f"The samples are {len(wire.samples)} bytes, which is no number of float32.",
            field=f"windows.{index}.samples",
            fix="Send little-endian float32.",
        )
    samples = np.frombuffer(wire.samples, dtype=SAMPLE_TYPE).astype(np.float32, copy=False)
    return CaptionWindow(
        wire.id,
        samples,
        wire.final,
        wire.language,
        tuple(wire.vocabulary),
        detect_language=wire.detect_language,
    )


def _wire_outcome(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Hypothesis):
        return {"hypothesis": asdict(outcome)}
    error = {
        "code": outcome.code,
        "reason": outcome.reason,
        "field": outcome.field,
        "fix": outcome.fix,
    }
    if isinstance(outcome, Unavailable):
        error["retry_after_seconds"] = str(outcome.retry_after_seconds)
    return {"error": error}


def _outcome(wire: _WireOutcome) -> Outcome:
    if wire.hypothesis is not None:
        return wire.hypothesis
    error = wire.error
    if error is None:
        return Unavailable("The models process answered with neither a hypothesis nor an error.")
    if error.code == InvalidInput.code:
        return InvalidInput(error.reason, field=error.field, fix=error.fix)
    kind = Overloaded if error.code == Overloaded.code else Unavailable
    return kind(
        error.reason,
        field=error.field,
        fix=error.fix,
        retry_after_seconds=error.retry_after_seconds,
    )
