"""Captions as LiveKit transcriptions, so that a platform passes them into its room as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, WebSocket
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from integrations.captions.livekit import EXAMPLE_TEXT_STREAM, TextStream
from lessons.captions import CAPTION_TYPES
from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from serving.web.lesson_reading import STREAMED, OpenLesson, ReadLesson, serve_lesson
from serving.web.problems import documented
from serving.web.stream_messages import Batch
from serving.web.streams import event_stream_response
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


@router.get("/transcription-stream", response_model=TranscriptionPage, responses=STREAMED)
async def read_transcriptions(reading: ReadLesson) -> Response:
    """Read a lesson's captions as LiveKit text streams of the topic `lk.transcription`.

    With `Accept: text/event-stream` the answer is an endless stream of them, each an event
    `lk.transcription`: partials as interim segments without an id, finals and corrections with the
    sequence of their event. The WebSocket of the same address sends `{"event", "id", "data"}`.
    """
    told = _transcriptions(reading.lesson)
    if reading.is_stream:
        return event_stream_response(told.retell(reading.follow()))
    events, next_after = await reading.page(CAPTION_TYPES)
    streams = [stream for event in events if (stream := await told.of_event(event)) is not None]
    page = TranscriptionPage(transcriptions=streams, next_after=next_after)
    return JSONResponse(page.model_dump(), headers={"Vary": "Accept"})


@router.websocket("/transcription-stream")
async def stream_transcriptions(websocket: WebSocket, lesson_id: str, after: str = "0") -> None:
    """Send the same text streams as JSON `{"event", "id", "data"}`; close codes as of `/stream`."""

    def told(lesson: OpenLesson, batches: AsyncIterator[Batch]) -> AsyncIterator[Batch]:
        return _transcriptions(lesson).retell(batches)

    await serve_lesson(websocket, lesson_id, after, told)


def _transcriptions(lesson: OpenLesson) -> Transcriptions:
    return Transcriptions(lesson.services, lesson.caller.tenant_id, lesson.lesson_id)
