"""The bytes between a process that has windows and the one that has models: MessagePack.

A request is `{"windows": [{"id", "samples", "final", "language", "vocabulary", "live", "due_in_ms",
"track", "detect_language"}, ...]}`, samples being little-endian float32 and `due_in_ms` what is
left of the window's time when it is sent: the two processes share no clock. Its answer is
`{"outcomes": [...], "load": {...}}`, one outcome for each window in its order: `{"hypothesis":
{...}}` or `{"error": {"code", "reason", "field", "fix", "retry_after_seconds"}}`; `load` is how
loaded the captioner is (`serving.captioning.caption_load`), or nil where it does not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

import msgpack  # type: ignore[import-untyped]
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lessons.errors import InvalidInput, Overloaded, Unavailable
from models.captions.interface import CaptionWindow, Hypothesis
from serving.captioning.caption_load import CaptionLoad

MEDIA_TYPE = "application/msgpack"
MOST_WINDOWS = 64
"""Windows that one request may hold."""
SAMPLE_TYPE = np.dtype("<f4")
LONGEST_BUDGET_MS = 24 * 3600 * 1000
"""A window's time may lie a day off, in either direction."""

Outcome: TypeAlias = Hypothesis | InvalidInput | Unavailable
"""What became of one window."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the windows of a request, and how loaded the captioner is, if it tells."""

    outcomes: list[Outcome]
    load: CaptionLoad | None


class _WireWindow(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    samples: bytes
    final: bool
    language: str | None
    vocabulary: list[str]
    live: bool
    due_in_ms: Annotated[int, Field(ge=-LONGEST_BUDGET_MS, le=LONGEST_BUDGET_MS)] | None
    track: str | None
    detect_language: bool


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
    load: CaptionLoad | None = None


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


def encode_outcomes(outcomes: Sequence[Outcome], load: CaptionLoad | None = None) -> bytes:
    """Return the answer with these outcomes."""
    told = None if load is None else load.model_dump()
    return _pack({"outcomes": [_wire_outcome(outcome) for outcome in outcomes], "load": told})


def decode_answer(body: bytes) -> Answer:
    """Return an answer's outcomes and load.

    Raises:
        InvalidInput: the body is not such an answer.
    """
    response = _unpack(body, _WireResponse)
    return Answer([_outcome(outcome) for outcome in response.outcomes], response.load)


def decode_outcomes(body: bytes) -> list[Outcome]:
    """Return the outcomes of an answer.

    Raises:
        InvalidInput: the body is not such an answer.
    """
    return decode_answer(body).outcomes


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
        "live": window.live,
        "due_in_ms": window.due_in_ms,
        "track": window.track,
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
        wire.live,
        wire.due_in_ms,
        wire.track,
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
