"""Learning events: read as a page, as Server-Sent Events or by WebSocket; post from a platform."""

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
from lessons.events import EventDraft, known_type, parse_posted
from lessons.policy import Access, Action, Credential, Resource
from lessons.store import Appended
from serving.web.authentication import Caller, StreamCaller, authenticate_stream
from serving.web.authorization import LiveAccess, authorize
from serving.web.problems import Problem, TooLarge, documented, problem_of
from serving.web.services import Services, ServicesDependency, services_of
from serving.web.streams import event_stream_response, follow, serve_websocket

MAX_BATCH_EVENTS = 500
MAX_PAGE_EVENTS = 1000
EVENT_STREAM = "text/event-stream"
CLOSE_CODES = {NotAuthenticated: 4401, NotAllowed: 4403, NotFound: 4404}
INVALID_CLOSE_CODE = 4400
UNAVAILABLE_CLOSE_CODE = 1013
"""WebSocket "try again later" (IANA registry of close codes)."""

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


class PostResult(BaseModel):
    """Outcome of one posted event: 201 stored, 200 was already there, else a problem."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "platform-4711", "status": 201, "sequence": 41}]}
    )

    id: str | None = None
    status: int
    sequence: int | None = None
    problem: Problem | None = None


class PostResults(BaseModel):
    """Outcomes in the order in which the events were posted."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"results": [{"id": "platform-4711", "status": 201, "sequence": 41}]}]
        }
    )

    results: list[PostResult]


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
    seen = [event.to_wire() for event in events if access.sees(event)]
    body = {"events": seen, "next_after": next_after}
    return JSONResponse(body, headers={"Vary": "Accept"})


@router.websocket("/stream")
async def stream_events(websocket: WebSocket, lesson_id: str, after: str = "0") -> None:
    """Send the same messages as the event stream, as JSON `{"event", "data"}`.

    Close codes: 4400 bad cursor, 4401 not authenticated, 4403 not allowed, 4404 no such lesson,
    4408 too slow a reader (resume with `after`), 1013 try again later.
    """
    await websocket.accept()
    services = services_of(websocket)
    try:
        cursor = cursor_of(0, after)
        caller = await authenticate_stream(websocket, services)
        live = await LiveAccess.open(services, caller, lesson_id=lesson_id)
        await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    except LecternError as error:
        await websocket.close(_close_code(error), error.reason[:120])
        return
    await serve_websocket(websocket, follow(services, caller, live, lesson_id, cursor))


@router.post(
    "/events",
    response_model=PostResults,
    response_model_exclude_none=True,
    responses=documented(TooLarge),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/PostedEvent"},
                            {
                                "type": "object",
                                "properties": {
                                    "events": {
                                        "type": "array",
                                        "maxItems": MAX_BATCH_EVENTS,
                                        "items": {"$ref": "#/components/schemas/PostedEvent"},
                                    }
                                },
                                "required": ["events"],
                            },
                        ]
                    }
                }
            },
        }
    },
)
async def post_events(
    lesson_id: str, body: dict[str, Any], caller: Caller, services: ServicesDependency
) -> PostResults:
    """Post one event, or a batch as `{"events": [...]}`; each item has an outcome of its own.

    It is idempotent by `id`: the same id and body again answers 200, another body 409.
    """
    access = await authorize(services, caller, Action.POST, Resource.EVENT, lesson_id=lesson_id)
    await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    items = _items_of(body)
    drafts = [_draft_of(item, access, caller) for item in items]
    outcomes = await _append(services, caller, lesson_id, drafts)
    return PostResults(
        results=[_result_of(item, outcome) for item, outcome in zip(items, outcomes, strict=True)]
    )


def _items_of(body: dict[str, Any]) -> list[Any]:
    if "events" not in body or "type" in body:
        return [body]
    items = body["events"]
    if not isinstance(items, list) or len(body) > 1:
        raise InvalidInput(
            "A batch is an object with one list.", field="events", fix='Send {"events": [...]}.'
        )
    if not 0 < len(items) <= MAX_BATCH_EVENTS:
        raise InvalidInput(
            f"A batch holds 1 to {MAX_BATCH_EVENTS} events, not {len(items)}.",
            field="events",
            fix="Send several batches.",
        )
    return items


def _require_own_subject(draft: EventDraft, access: Access, caller: Credential) -> None:
    """Let a learner post only what that learner did."""
    if not access.covers(draft.subject):
        raise NotAllowed(
            "A learner may post only events of their own.",
            field="subject",
            fix=f"Send 'subject': '{caller.participant_id}'.",
        )


def _draft_of(item: Any, access: Access, caller: Credential) -> EventDraft | LecternError:
    if not isinstance(item, dict):
        return InvalidInput("An event is a JSON object.", field="events")
    try:
        draft = parse_posted(item)
        _require_own_subject(draft, access, caller)
    except LecternError as error:
        return error
    return draft


async def _append(
    services: Services,
    caller: Credential,
    lesson_id: str,
    drafts: list[EventDraft | LecternError],
) -> list[Appended | LecternError]:
    """Append the good drafts and leave the refusals where they stood."""
    good = [draft for draft in drafts if isinstance(draft, EventDraft)]
    stored = iter(await services.ledger.append_each(caller.tenant_id, lesson_id, good))
    return [next(stored) if isinstance(draft, EventDraft) else draft for draft in drafts]


def _result_of(item: Any, outcome: Appended | LecternError) -> PostResult:
    identifier = item.get("id") if isinstance(item, dict) else None
    name = identifier if isinstance(identifier, str) else None
    if isinstance(outcome, LecternError):
        problem = problem_of(outcome)
        return PostResult(id=name, status=problem.status, problem=problem)
    status = 201 if outcome.created else 200
    return PostResult(id=name, status=status, sequence=outcome.event.ledgersequence)


def _close_code(error: LecternError) -> int:
    if isinstance(error, Unavailable):
        return UNAVAILABLE_CLOSE_CODE
    return next(
        (code for kind, code in CLOSE_CODES.items() if isinstance(error, kind)), INVALID_CLOSE_CODE
    )
