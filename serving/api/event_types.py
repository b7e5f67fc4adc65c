"""The event catalogue over the API: every type with its schema, its rules and an example."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.events import DATA_TYPES, FAMILIES, PLATFORM_TYPES, EventData
from lessons.events.pages import INDEX, description_of, pages
from lessons.events.refusals import nearest
from serving.web.authentication import authenticate
from serving.web.problems import documented

DOCS = "/docs/events"

router = APIRouter(
    tags=["events"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Unavailable),
)


_EXAMPLE: JsonDict = {
    "type": "hand.raised",
    "version": 1,
    "family": "hands",
    "description": "The subject asked for the floor.",
    "origin": "platform",
    "by_teachers": False,
    "needs_subject": True,
    "shared": True,
    "after_lesson": False,
    "dataschema": "urn:lectern:event:hand.raised:1",
    "schema": {"type": "object", "properties": {}, "additionalProperties": False},
    "example": {},
    "docs": "/docs/events/hands",
}


class EventType(BaseModel):
    """One type of learning event: what it says, who posts it, who reads it and when it is taken."""

    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={"examples": [_EXAMPLE]},
    )

    type: str = Field(description="Name of the type on the wire")
    version: int = Field(description="Newest version of its data; older ones are taken too")
    family: str
    description: str
    origin: Literal["platform", "lectern"] = Field(
        description="`platform`: may be posted; `lectern`: only Lectern itself records it"
    )
    by_teachers: bool = Field(description="Whether a learner's token may not post it")
    needs_subject: bool = Field(description="Whether it is always some participant's doing")
    shared: bool = Field(description="Whether everybody in the lesson may read it")
    after_lesson: bool = Field(description="Whether it is taken long after the lesson's end")
    dataschema: str
    data_schema: dict[str, Any] = Field(
        alias="schema", description="JSON schema (draft 2020-12) of `data`"
    )
    example: dict[str, Any] = Field(description="One valid `data`")
    docs: str = Field(description="Path of its family's page")


class EventTypes(BaseModel):
    """The catalogue, family by family."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event_types": [_EXAMPLE]}]},
    )

    event_types: list[EventType]


@cache
def catalogue() -> tuple[EventType, ...]:
    """Return every type, in the order of the docs."""
    return tuple(_described(data, family.name) for family in FAMILIES for data in family.types)


@cache
def _pages() -> Mapping[str, str]:
    return MappingProxyType(pages())


def _described(data: type[EventData], family: str) -> EventType:
    return EventType(
        type=data.type,
        version=data.version,
        family=family,
        description=description_of(data),
        origin="platform" if data.type in PLATFORM_TYPES else "lectern",
        by_teachers=data.by_teachers,
        needs_subject=data.needs_subject,
        shared=data.shared,
        after_lesson=data.after_lesson,
        dataschema=data.data_schema(),
        data_schema=data.model_json_schema(),
        example=dict(data.example),
        docs=f"{DOCS}/{family}",
    )


@router.get("/v1/event-types", dependencies=[Depends(authenticate)])
async def list_event_types(
    family: Annotated[str | None, Query(max_length=200, description="Only this family")] = None,
) -> EventTypes:
    """List the types of learning events, each with the JSON schema of its data.

    It is the same for every tenant; any credential reads it.
    """
    names = [known.name for known in FAMILIES]
    if family is not None and family not in names:
        raise InvalidInput(
            f"There is no family {family!r}.", field="family", fix=nearest(family, names)
        )
    wanted = [kind for kind in catalogue() if family in (None, kind.family)]
    return EventTypes(event_types=wanted)


@router.get(
    "/v1/event-types/{event_type}",
    dependencies=[Depends(authenticate)],
    responses=documented(NotFound),
)
async def get_event_type(
    event_type: str,
) -> EventType:
    """Return one type of learning event."""
    found = next((kind for kind in catalogue() if kind.type == event_type), None)
    if found is None:
        raise NotFound(
            f"There is no event type {event_type!r}.",
            field="event_type",
            fix=nearest(event_type, list(DATA_TYPES)),
        )
    return found


@router.get(DOCS, include_in_schema=False)
@router.get(DOCS + "/{page}", include_in_schema=False)
async def read_event_page(page: str = INDEX) -> PlainTextResponse:
    """Return a page of the catalogue's documentation, in Markdown."""
    texts = _pages()
    name = page.removesuffix(".md")
    if name not in texts:
        raise NotFound(f"There is no page {name!r}.", field="page", fix=nearest(name, list(texts)))
    return PlainTextResponse(texts[name])
