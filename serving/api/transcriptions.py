"""Captions as LiveKit transcriptions, so that a platform passes them into its room as they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, WebSocket
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from integrations.captions.livekit import EXAMPLE_TEXT_STREAM, TextStream
from lessons.captions import CAPTION_TYPES
from lessons.errors import (
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from serving.api.events import EVENT_STREAM, MAX_PAGE_EVENTS, cursor_of
from serving.web.authentication import StreamCaller, authenticate_stream
from serving.web.authorization import LiveAccess
from serving.web.disclosing import ReadingPurpose, disclose_events
from serving.web.problems import documented
from serving.web.services import ServicesDependency, services_of
from serving.web.streams import event_stream_response, follow, refuse_websocket, serve_websocket
from serving.web.transcriptions import Transcriptions

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}",
    tags=["captions"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class TranscriptionPage(BaseModel):
    """Finals and corrections in the order of the ledger; `next_after` is the next page's cursor."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"transcriptions": [EXAMPLE_TEXT_STREAM], "next_after": 41}]
        }
    )

    transcriptions: list[TextStream]
    next_after: int = Field(description="The last page is the one on which it does not move")


@router.get(
    "/transcription-stream",
    response_model=TranscriptionPage,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
async def read_transcriptions(
    request: Request,
    lesson_id: str,
    caller: StreamCaller,
    services: ServicesDependency,
    after: Annotated[int, Query(ge=0, description="Sequence of the last event read")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_EVENTS)] = 500,
    last_event_id: Annotated[str | None, Header()] = None,
    purpose: ReadingPurpose = None,
) -> Response:
    """Read a lesson's captions as LiveKit text streams of the topic `lk.transcription`.

    With `Accept: text/event-stream` the answer is an endless stream of them, each an event
    `lk.transcription`: partials as interim segments without an id, finals and corrections with the
    sequence of their event. The WebSocket of the same address sends `{"event", "id", "data"}`.
    """
    live = await LiveAccess.open(services, caller, lesson_id=lesson_id)
    await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    told = Transcriptions(services, caller.tenant_id, lesson_id)
    if EVENT_STREAM in request.headers.get("accept", ""):
        batches = follow(services, caller, live, lesson_id, cursor_of(after, last_event_id))
        return event_stream_response(told.retell(batches))
    events = await services.ledger.read(caller.tenant_id, lesson_id, after, limit, CAPTION_TYPES)
    access = await live.current()
    seen = [event for event in events if access.sees(event)]
    await disclose_events(services, caller, lesson_id, seen, purpose)
    streams = [stream for event in seen if (stream := await told.of_event(event)) is not None]
    page = TranscriptionPage(
        transcriptions=streams, next_after=events[-1].ledgersequence if events else after
    )
    return JSONResponse(page.model_dump(), headers={"Vary": "Accept"})


@router.websocket("/transcription-stream")
async def stream_transcriptions(websocket: WebSocket, lesson_id: str, after: str = "0") -> None:
    """Send the same text streams as JSON `{"event", "id", "data"}`; close codes as of `/stream`."""
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
    told = Transcriptions(services, caller.tenant_id, lesson_id)
    batches = follow(services, caller, live, lesson_id, cursor)
    await serve_websocket(websocket, told.retell(batches))
