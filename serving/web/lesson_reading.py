"""How one caller reads a lesson's events: as a page past a cursor, or as a stream from it on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, WebSocket

from lessons.errors import InvalidInput, LecternError
from lessons.events import LearningEvent
from lessons.policy import Credential
from serving.web.authentication import StreamCaller, authenticate_stream
from serving.web.authorization import LiveAccess
from serving.web.disclosing import ReadingPurpose, disclose_events
from serving.web.services import Services, ServicesDependency, services_of
from serving.web.stream_messages import Batch
from serving.web.streams import follow, refuse_websocket, serve_websocket

MAX_PAGE_EVENTS = 1000
EVENT_STREAM = "text/event-stream"
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
}
"""Responses of an operation that may answer with a stream."""

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_EVENTS)]
"""Dependency: the most events of a page."""


def wants_stream(request: Request) -> bool:
    """Tell whether an endless stream is asked for, instead of a page."""
    return EVENT_STREAM in request.headers.get("accept", "")


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


@dataclass(frozen=True, slots=True)
class OpenLesson:
    """A lesson whose events a caller may read.

    Attributes:
        services: the gateway's.
        caller: who reads.
        live: what they may see, as it stands.
        lesson_id: what they read.
    """

    services: Services
    caller: Credential
    live: LiveAccess
    lesson_id: str

    @classmethod
    async def of(cls, services: Services, caller: Credential, lesson_id: str) -> OpenLesson:
        """Open a lesson for a caller.

        Raises:
            NotAllowed: the caller may not read its events.
            NotFound: the tenant has no such lesson.
        """
        live = await LiveAccess.open(services, caller, lesson_id=lesson_id)
        await services.lessons.get_lesson(caller.tenant_id, lesson_id)
        return cls(services, caller, live, lesson_id)

    def follow(self, after: int) -> AsyncIterator[Batch]:
        """Yield stored events past a sequence number, and passing messages between, for ever."""
        return follow(self.services, self.caller, self.live, self.lesson_id, after)


@dataclass(frozen=True, slots=True)
class LessonReading:
    """What a caller asked to read of a lesson.

    Attributes:
        lesson: the lesson, opened for the caller.
        is_stream: whether they asked for a stream instead of a page.
        after: sequence number of the last event that was read.
        limit: the most events of a page.
        purpose: why they read, as they say.
    """

    lesson: OpenLesson
    is_stream: bool
    after: int
    limit: int
    purpose: str | None

    def follow(self) -> AsyncIterator[Batch]:
        """Yield what the stream tells."""
        return self.lesson.follow(self.after)

    async def page(self, types: Sequence[str] | None = None) -> tuple[list[LearningEvent], int]:
        """Return the events of a page, and the cursor of the next one.

        Whose data is in it stands in the disclosure log by then.

        Args:
            types: the types to read; None: all.
        """
        lesson, caller = self.lesson, self.lesson.caller
        events = await lesson.services.ledger.read(
            caller.tenant_id, lesson.lesson_id, self.after, self.limit, types
        )
        next_after = events[-1].ledgersequence if events else self.after
        access = await lesson.live.current()
        seen = [event for event in events if access.sees(event)]
        await disclose_events(lesson.services, caller, lesson.lesson_id, seen, self.purpose)
        return seen, next_after


async def read_lesson(
    request: Request,
    lesson_id: str,
    caller: StreamCaller,
    services: ServicesDependency,
    after: Annotated[int, Query(ge=0, description="Sequence of the last event read")] = 0,
    limit: Limit = 500,
    last_event_id: Annotated[str | None, Header()] = None,
    purpose: ReadingPurpose = None,
) -> LessonReading:
    """Dependency: what is to be read, after the caller was authorized to."""
    lesson = await OpenLesson.of(services, caller, lesson_id)
    is_stream = wants_stream(request)
    cursor = cursor_of(after, last_event_id) if is_stream else after
    return LessonReading(lesson, is_stream, cursor, limit, purpose)


ReadLesson = Annotated[LessonReading, Depends(read_lesson)]


async def serve_lesson(
    websocket: WebSocket,
    lesson_id: str,
    after: str,
    told: Callable[[OpenLesson, AsyncIterator[Batch]], AsyncIterator[Batch]],
) -> None:
    """Send a lesson's stream over a WebSocket past a cursor, or close it with the reason why not.

    Args:
        told: makes of the lesson's stream what is sent.
    """
    await websocket.accept()
    services = await services_of(websocket)
    try:
        cursor = cursor_of(0, after)
        caller = await authenticate_stream(websocket, services)
        lesson = await OpenLesson.of(services, caller, lesson_id)
    except LecternError as error:
        await refuse_websocket(websocket, error)
        return
    await serve_websocket(websocket, told(lesson, lesson.follow(cursor)))
