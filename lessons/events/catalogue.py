"""Every event type by its name: how a JSON object becomes a typed event, and the JSON schemas."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ValidationError, create_model

from lessons.errors import InvalidInput
from lessons.events.captions import CaptionCorrected, CaptionFinal
from lessons.events.data import EventData
from lessons.events.envelope import LearningEvent
from lessons.events.interaction import (
    BreakoutEntered,
    BreakoutLeft,
    HandLowered,
    HandRaised,
    PollAnswered,
    PollOpened,
    WhiteboardContributed,
)
from lessons.events.lesson import LessonEnded, LessonStarted, ParticipantJoined, ParticipantLeft
from lessons.events.progress import (
    ActivityCounted,
    AssessmentSubmitted,
    AttentionBlurred,
    AttentionFocused,
    MilestoneReached,
)
from lessons.events.tracks import TrackEnded, TrackMuted, TrackPublished

_RECORDED_BY_LECTERN: tuple[type[EventData], ...] = (
    LessonStarted,
    LessonEnded,
    ParticipantJoined,
    ParticipantLeft,
    TrackPublished,
    TrackEnded,
    TrackMuted,
    CaptionFinal,
    CaptionCorrected,
)
_POSTED_BY_PLATFORMS: tuple[type[EventData], ...] = (
    HandRaised,
    HandLowered,
    PollOpened,
    PollAnswered,
    WhiteboardContributed,
    BreakoutEntered,
    BreakoutLeft,
    AssessmentSubmitted,
    MilestoneReached,
    AttentionFocused,
    AttentionBlurred,
    ActivityCounted,
)

DATA_TYPES: Mapping[str, type[EventData]] = MappingProxyType(
    {data.type: data for data in (*_RECORDED_BY_LECTERN, *_POSTED_BY_PLATFORMS)}
)
"""The data class of every event type, by name."""

PLATFORM_TYPES: frozenset[str] = frozenset(data.type for data in _POSTED_BY_PLATFORMS)
"""The types that a platform may post; all others come from Lectern itself."""


def _event_class(data: type[EventData]) -> type[LearningEvent]:
    name: Any = Literal.__getitem__(data.type)
    schema: Any = Literal.__getitem__(data.data_schema())
    return create_model(
        f"{data.__name__}Event",
        __base__=LearningEvent,
        __doc__=data.__doc__,
        type=(name, data.type),
        dataschema=(schema, data.data_schema()),
        data=(data, ...),
    )


EVENT_TYPES: Mapping[str, type[LearningEvent]] = MappingProxyType(
    {name: _event_class(data) for name, data in DATA_TYPES.items()}
)
"""The event class of every type, by name; its `data` is typed."""


def known_type(name: object) -> str:
    """Return `name` if it is an event type.

    Raises:
        InvalidInput: it is not; the fix names the nearest type.
    """
    if isinstance(name, str) and name in DATA_TYPES:
        return name
    near = get_close_matches(str(name), DATA_TYPES, n=1, cutoff=0.4)
    fix = f"Did you mean {near[0]!r}?" if near else f"Known types: {', '.join(DATA_TYPES)}."
    raise InvalidInput(f"There is no event type {name!r}.", field="type", fix=fix)


def refusal(error: ValidationError) -> InvalidInput:
    """Return the first complaint of pydantic as an error that names its field."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "data"
    return InvalidInput(f"{first['msg']}.", field=field, fix="See the schema at /docs.")


def parse_event(obj: Mapping[str, Any]) -> LearningEvent:
    """Return the typed event of a CloudEvents JSON object.

    Raises:
        InvalidInput: the type is unknown, or a field is missing, unknown or out of range.
    """
    event_class = EVENT_TYPES[known_type(obj.get("type"))]
    try:
        return event_class.model_validate(obj)
    except ValidationError as error:
        raise refusal(error) from error


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON schema (draft 2020-12) of every event type, by type name."""
    return {name: event.model_json_schema() for name, event in EVENT_TYPES.items()}
