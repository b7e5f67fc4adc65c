"""Events as a platform posts them: a CloudEvents object without what only the ledger can know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from lessons.errors import InvalidInput, NotAllowed
from lessons.events.catalogue import DATA_TYPES, PLATFORM_TYPES, current_data, known_type
from lessons.events.data import EventData, EventDraft
from lessons.events.refusals import refusal
from lessons.events.values import LARGEST_COUNT

MAX_LEVELS = 32
"""Deepest nesting of objects and lists in one event. What Lectern knows of needs four."""

_URN = "urn:lectern:event:"


class PostedEvent(BaseModel):
    """One event of a platform. Posting the same id and body again changes nothing.

    `specversion`, `source`, `datacontenttype` and `dataschema` may be left out; `dataschema` says
    which version of its type the data has, and without it the data has the newest.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "platform-4711",
                    "type": "poll.answered",
                    "subject": "par_01kb9x5t7v0000000000000000",
                    "time": "2026-11-22T10:15:30Z",
                    "data": {"poll_id": "poll-7", "options": [0], "response_time_ms": 8200},
                }
            ]
        },
    )

    id: str = Field(min_length=1, max_length=200, description="Unique within the lesson")
    type: str = Field(max_length=200, description="One of those at GET /v1/event-types")
    subject: str | None = Field(
        default=None, max_length=200, description="Id of the participant whose doing it is"
    )
    time: AwareDatetime | None = Field(
        default=None, description="When it happened; without it, when it arrives"
    )
    lessontimems: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_COUNT,
        description="When it happened on the lesson clock; without it, when it arrives",
    )
    data: dict[str, Any] = Field(default_factory=dict, description="As its type says")
    specversion: str | None = Field(default=None, max_length=20)
    source: str | None = Field(default=None, max_length=2_000)
    datacontenttype: str | None = Field(default=None, max_length=200)
    dataschema: str | None = Field(
        default=None, max_length=300, description="`urn:lectern:event:<type>:<version>`"
    )


def parse_posted(obj: Mapping[str, Any]) -> EventDraft:
    """Return the draft of one posted event.

    Raises:
        InvalidInput: a field is missing, unknown or out of range; `field` names it.
        NotAllowed: the type is one that only Lectern itself records.
    """
    name = known_type(obj.get("type"))
    if name not in PLATFORM_TYPES:
        raise NotAllowed(
            f"Events of type {name} are recorded by Lectern itself.",
            field="type",
            fix=f"A platform may post: {', '.join(sorted(PLATFORM_TYPES))}.",
        )
    for field, value in obj.items():
        _require_plain(value, str(field), MAX_LEVELS)
    try:
        posted = PostedEvent.model_validate(obj)
    except ValidationError as error:
        raise refusal(error, PostedEvent, see="See PostedEvent at /docs.") from error
    if posted.specversion not in (None, "1.0"):
        raise InvalidInput(
            "Only CloudEvents 1.0 is taken.", field="specversion", fix="Send '1.0' or leave it out."
        )
    return EventDraft(_data_of(posted), posted.lessontimems, posted.subject, posted.id, posted.time)


def _data_of(posted: PostedEvent) -> EventData:
    data_class = DATA_TYPES[posted.type]
    version = _version_of(posted, data_class)
    data = current_data(posted.type, version, posted.data)
    try:
        return data_class.model_validate(data)
    except ValidationError as error:
        see = f"See GET /v1/event-types/{posted.type}."
        raise refusal(error, data_class, within="data", see=see) from error


def _version_of(posted: PostedEvent, data_class: type[EventData]) -> int:
    if posted.dataschema is None:
        return data_class.version
    prefix = f"{_URN}{posted.type}:"
    version = posted.dataschema.removeprefix(prefix)
    if not posted.dataschema.startswith(prefix) or not (version.isascii() and version.isdecimal()):
        raise InvalidInput(
            f"It is no schema of {posted.type}.",
            field="dataschema",
            fix=f"Send `{data_class.data_schema()}`, or leave it out.",
        )
    return int(version)


def _require_plain(value: object, field: str, levels: int) -> None:
    """Refuse what no event has, before anything else walks through it.

    Args:
        field: of the event, in which the value stands.
        levels: how deep objects and lists may nest in it.
    """
    if isinstance(value, str) and "\0" in value:
        raise InvalidInput(
            "Text must not contain the character U+0000.",
            field=field,
            fix="Leave it out: the store's text cannot hold it.",
        )
    if not isinstance(value, dict | list):
        return
    if levels == 0:
        raise InvalidInput(
            f"It nests deeper than {MAX_LEVELS} levels.", field=field, fix="Send flat data."
        )
    for inner in value:
        _require_plain(inner, field, levels - 1)
        if isinstance(value, dict):
            _require_plain(value[inner], field, levels - 1)
