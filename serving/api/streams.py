"""Following along: the events of a whole course or tenant, as a page, a stream or by WebSocket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from lessons.errors import (
    Conflict,
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Credential
from lessons.store.commits import Cursor
from serving.api.events import EXAMPLE_EVENT
from serving.web.authentication import StreamCaller, authenticate_stream
from serving.web.authorization import LiveAccess
from serving.web.disclosing import ReadingPurpose, disclose_events
from serving.web.lesson_reading import STREAMED, Limit, wants_stream
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency, services_of
from serving.web.streams import (
    event_stream_response,
    follow_commits,
    refuse_websocket,
    serve_websocket,
)

EXAMPLE_CURSOR = "48213-1907-41"


router = APIRouter(
    prefix="/v1",
    tags=["events"],
    responses=documented(NotAuthenticated, NotAllowed, InvalidInput, Conflict, Unavailable),
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a caller asked to read past a cursor.

    Attributes:
        is_stream: whether they asked for a stream instead of a page.
        cursor: where to read on.
        limit: the most events of a page.
        purpose: why they read, as they say.
    """

    is_stream: bool
    cursor: Cursor
    limit: int
    purpose: str | None


async def _asked(
    request: Request,
    after: Annotated[
        str,
        Query(max_length=64, description="Cursor of the last event read; 0: from the beginning"),
    ] = "0",
    limit: Limit = 500,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    purpose: ReadingPurpose = None,
) -> _Asked:
    is_stream = wants_stream(request)
    cursor = Cursor.parse(after)
    if is_stream and last_event_id:
        cursor = Cursor.parse(last_event_id, field="Last-Event-ID")
    return _Asked(is_stream, cursor, limit, purpose)


Asked = Annotated[_Asked, Depends(_asked)]


class FollowedPage(BaseModel):
    """Stored events in the order in which they were committed; each lesson's are in sequence.

    `next_after` is the cursor of the next page or stream; it does not move on the last page. A page
    may hold fewer events than asked for, where the rest is not for the caller's role.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"events": [EXAMPLE_EVENT], "next_after": EXAMPLE_CURSOR}]}
    )

    events: list[dict[str, Any]] = Field(description="CloudEvents 1.0 objects, see `Event`")
    next_after: str


@router.get(
    "/events",
    response_model=FollowedPage,
    responses=STREAMED,
)
async def read_tenant_events(
    caller: StreamCaller, services: ServicesDependency, asked: Asked
) -> Response:
    """Read the events of all lessons of the tenant past a cursor.

    With `Accept: text/event-stream` the answer is an endless stream whose ids are such cursors.
    Nothing passes by here: partial captions are on the stream of their lesson.
    """
    live = await LiveAccess.open(services, caller)
    return await _answer(services, caller, live, None, asked)


@router.get(
    "/courses/{course_id}/events",
    response_model=FollowedPage,
    responses=STREAMED | documented(NotFound),
)
async def read_course_events(
    course_id: str, caller: StreamCaller, services: ServicesDependency, asked: Asked
) -> Response:
    """Read the events of all lessons of a course past a cursor, as those of the tenant."""
    live = await LiveAccess.open(services, caller, course_id=course_id)
    await services.courses.get(caller.tenant_id, course_id)
    return await _answer(services, caller, live, course_id, asked)


@router.websocket("/stream")
async def stream_tenant(websocket: WebSocket, after: str = "0") -> None:
    """Send the tenant's events as JSON `{"event", "id", "data"}`; the id is the cursor."""
    await _serve(websocket, None, after)


@router.websocket("/courses/{course_id}/stream")
async def stream_course(websocket: WebSocket, course_id: str, after: str = "0") -> None:
    """Send a course's events as JSON `{"event", "id", "data"}`; the id is the cursor."""
    await _serve(websocket, course_id, after)


async def _answer(
    services: Services,
    caller: Credential,
    live: LiveAccess,
    course_id: str | None,
    asked: _Asked,
) -> Response:
    if asked.is_stream:
        await services.commits.require_reached(asked.cursor)
        batches = follow_commits(services, caller, live, course_id, asked.cursor)
        return event_stream_response(batches)
    page = await services.commits.events(
        caller.tenant_id, asked.cursor, asked.limit, course_id=course_id
    )
    access = await live.current()
    seen = [event for _, event in page.events if access.sees(event)]
    for lesson_id in {event.lessonid for event in seen}:
        of_lesson = [event for event in seen if event.lessonid == lesson_id]
        await disclose_events(services, caller, lesson_id, of_lesson, asked.purpose)
    body = {"events": [event.to_wire() for event in seen], "next_after": str(page.next)}
    return JSONResponse(body, headers={"Vary": "Accept"})


async def _serve(websocket: WebSocket, course_id: str | None, after: str) -> None:
    await websocket.accept()
    services = await services_of(websocket)
    try:
        cursor = Cursor.parse(after)
        caller = await authenticate_stream(websocket, services)
        live = await LiveAccess.open(services, caller, course_id=course_id)
        if course_id is not None:
            await services.courses.get(caller.tenant_id, course_id)
        await services.commits.require_reached(cursor)
    except LecternError as error:
        await refuse_websocket(websocket, error)
        return
    await serve_websocket(websocket, follow_commits(services, caller, live, course_id, cursor))
