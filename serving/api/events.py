"""Learning events of a lesson: read as a page, as Server-Sent Events or by WebSocket."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import (
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.events import known_type
from serving.web.authentication import StreamCaller, authenticate_stream
from serving.web.authorization import LiveAccess
from serving.web.disclosing import ReadingPurpose, disclose_events
from serving.web.problems import documented
from serving.web.services import ServicesDependency, services_of
from serving.web.streams import event_stream_response, follow, refuse_websocket, serve_websocket

MAX_PAGE_EVENTS = 1000
EVENT_STREAM = "text/event-stream"

EXAMPLE_EVENT: JsonDict = {
    "specversion": "1.0",
    "id": "platform-4711",
    "source": "urn:lectern:lesson:les_01kb9x5t7v0000000000000000",
    "type": "poll.answered",
    "subject": "par_01kb9x5t7v0000000000000000",
    "time": "2026-11-22T10:15:30Z",
    "datacontenttype": "application/json",
    "dataschema": "urn:lectern:event:poll.answered:1",
    "tenantid": "ten_default",
    "lessonid": "les_01kb9x5t7v0000000000000000",
    "lessontimems": 858000,
    "ledgersequence": 41,
    "data": {"poll_id": "poll-7", "options": [0], "response_time_ms": 8200},
}

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}",
    tags=["events"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class EventPage(BaseModel):
    """Stored events in order; `next_after` is the cursor of the next page or stream.

    The last page is the one whose `next_after` does not move: a page may hold fewer events than
    asked for, where the rest is not for the caller's role.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"events": [EXAMPLE_EVENT], "next_after": 41}]}
    )

    events: list[dict[str, Any]] = Field(description="CloudEvents 1.0 objects, see `Event`")
    next_after: int


def cursor_of(after: int, last_event_id: str | None) -> int:
    """Return where to resume: `Last-Event-ID` (an EventSource that reconnects) wins over `after`.

    Raises:
        InvalidInput: the header is not a sequence number of ours.
    """
    if not last_event_id:
        return after
    if not (last_event_id.isascii() and last_event_id.isdecimal()):
        raise InvalidInput(
            f"{last_event_id!r} is not a sequence number.",
            field="Last-Event-ID",
            fix="Send the id of the last event that was read, or leave it out.",
        )
    return int(last_event_id)


@router.get(
    "/events",
    response_model=EventPage,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
async def read_events(
    request: Request,
    lesson_id: str,
    caller: StreamCaller,
    services: ServicesDependency,
    after: Annotated[int, Query(ge=0, description="Sequence of the last event read")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_EVENTS)] = 500,
    types: Annotated[str | None, Query(description="Comma-separated types to keep (page)")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
    purpose: ReadingPurpose = None,
) -> Response:
    """Read a lesson's events past a cursor.

    With `Accept: text/event-stream` the answer is an endless stream: stored events with their
    sequence as `id`, and passing ones without (`caption.partial`, `recording.progress`). It stays
    open after `lesson.ended`, since last captions may follow.
    """
    live = await LiveAccess.open(services, caller, lesson_id=lesson_id)
    await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    if EVENT_STREAM in request.headers.get("accept", ""):
        cursor = cursor_of(after, last_event_id)
        return event_stream_response(follow(services, caller, live, lesson_id, cursor))
    wanted = [known_type(name.strip()) for name in types.split(",")] if types else None
    events = await services.ledger.read(caller.tenant_id, lesson_id, after, limit, wanted)
    next_after = events[-1].ledgersequence if events else after
    access = await live.current()
    seen = [event for event in events if access.sees(event)]
    await disclose_events(services, caller, lesson_id, seen, purpose)
    body = {"events": [event.to_wire() for event in seen], "next_after": next_after}
    return JSONResponse(body, headers={"Vary": "Accept"})


@router.websocket("/stream")
async def stream_events(websocket: WebSocket, lesson_id: str, after: str = "0") -> None:
    """Send the same messages as the event stream, as JSON `{"event", "data"}`.

    Close codes: 4400 bad cursor, 4401 not authenticated, 4403 not allowed, 4404 no such lesson,
    4408 too slow a reader (resume with `after`), 1013 try again later.
    """
    await websocket.accept()
    services = await services_of(websocket)
    try:
        cursor = cursor_of(0, after)
        caller = await authenticate_stream(websocket, services)
        live = await LiveAccess.open(services, caller, lesson_id=lesson_id)
        await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    except LecternError as error:
        await refuse_websocket(websocket, error)
        return
    await serve_websocket(websocket, follow(services, caller, live, lesson_id, cursor))
