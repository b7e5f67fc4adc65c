"""Learning events of a lesson: read as a page, as Server-Sent Events or by WebSocket."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, WebSocket
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.events import known_type
from serving.web.lesson_reading import STREAMED, ReadLesson, serve_lesson
from serving.web.problems import documented
from serving.web.streams import event_stream_response

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


@router.get("/events", response_model=EventPage, responses=STREAMED)
async def read_events(
    reading: ReadLesson,
    types: Annotated[str | None, Query(description="Comma-separated types to keep (page)")] = None,
) -> Response:
    """Read a lesson's events past a cursor.

    With `Accept: text/event-stream` the answer is an endless stream: stored events with their
    sequence as `id`, and passing ones without (`caption.partial`, `recording.progress`). It stays
    open after `lesson.ended`, since last captions may follow.
    """
    if reading.is_stream:
        return event_stream_response(reading.follow())
    wanted = [known_type(name.strip()) for name in types.split(",")] if types else None
    events, next_after = await reading.page(wanted)
    body = {"events": [event.to_wire() for event in events], "next_after": next_after}
    return JSONResponse(body, headers={"Vary": "Accept"})


@router.websocket("/stream")
async def stream_events(websocket: WebSocket, lesson_id: str, after: str = "0") -> None:
    """Send the same messages as the event stream, as JSON `{"event", "data"}`.

    Close codes: 4400 bad cursor, 4401 not authenticated, 4403 not allowed, 4404 no such lesson,
    4408 too slow a reader (resume with `after`), 1013 try again later.
    """
    await serve_lesson(websocket, lesson_id, after, lambda _, batches: batches)
