"""Every event type by its name: how a JSON object becomes a typed event, and the JSON schemas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ValidationError, create_model

from lessons.errors import InvalidInput
from lessons.events.accessibility import ACCESSIBILITY
from lessons.events.assessments import ASSESSMENTS
from lessons.events.attention import ATTENTION
from lessons.events.breakouts import BREAKOUTS
from lessons.events.captions import CAPTIONS
from lessons.events.chat import CHAT
from lessons.events.content import CONTENT
from lessons.events.data import EventData
from lessons.events.engagement import ENGAGEMENT
from lessons.events.envelope import LearningEvent
from lessons.events.families import Family
from lessons.events.hands import HANDS
from lessons.events.homework import HOMEWORK
from lessons.events.lesson import LESSON
from lessons.events.lesson_plan import LESSON_PLAN
from lessons.events.milestones import MILESTONES
from lessons.events.polls import POLLS
from lessons.events.presence import PRESENCE
from lessons.events.privacy import PRIVACY
from lessons.events.recaps import RECAPS
from lessons.events.refusals import LONGEST_QUOTE, nearest, refusal
from lessons.events.screen_share import SCREEN_SHARE
from lessons.events.speaking import SPEAKING
from lessons.events.summaries import SUMMARIES
from lessons.events.tracks import TRACKS
from lessons.events.upcasting import upcast
from lessons.events.webhooks import WEBHOOKS
from lessons.events.whiteboard import WHITEBOARD

FAMILIES: tuple[Family, ...] = (
    LESSON,
    PRESENCE,
    TRACKS,
    CAPTIONS,
    ACCESSIBILITY,
    SPEAKING,
    HANDS,
    CHAT,
    POLLS,
    ASSESSMENTS,
    HOMEWORK,
    WHITEBOARD,
    SCREEN_SHARE,
    CONTENT,
    BREAKOUTS,
    ATTENTION,
    MILESTONES,
    LESSON_PLAN,
    ENGAGEMENT,
    SUMMARIES,
    RECAPS,
    PRIVACY,
    WEBHOOKS,
)
"""The catalogue, in the order of its docs."""

DATA_TYPES: Mapping[str, type[EventData]] = MappingProxyType(
    {data.type: data for family in FAMILIES for data in family.types}
)
"""The data class of every event type, by name."""

PLATFORM_TYPES: frozenset[str] = frozenset(
    data.type for family in FAMILIES for data in family.posted
)
"""The types that a platform may post; all others come from Lectern itself."""


def current_data(name: str, version: int, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return data that was written under a version of its type, as the newest version has it.

    Raises:
        InvalidInput: there is no such version, or the data lacks what its version demands.
    """
    return upcast(name, version, DATA_TYPES[name].version, data)


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
    given = str(name)[:LONGEST_QUOTE]
    fix = nearest(given, list(DATA_TYPES))
    raise InvalidInput(f"There is no event type {given!r}.", field="type", fix=fix)


def parse_event(obj: Mapping[str, Any]) -> LearningEvent:
    """Return the typed event of a CloudEvents JSON object.

    Raises:
        InvalidInput: the type is unknown, or a field is missing, unknown or out of range.
    """
    event_class = EVENT_TYPES[known_type(obj.get("type"))]
    try:
        return event_class.model_validate(obj)
    except ValidationError as error:
        see = f"See GET /v1/event-types/{obj['type']}."
        raise refusal(error, event_class, see=see) from error


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON schema (draft 2020-12) of every event type, by type name."""
    return {name: event.model_json_schema() for name, event in EVENT_TYPES.items()}
