"""Live streams of a lesson, a course or a tenant: stored events exactly once and in order.

What is new is read once for all readers (`stream_tail.py`). A stream is pulled by its reader: while
a reader is slow nothing piles up for it, passing messages are lost to it (they are replaced by the
next ones) and the stored events wait in the ledger.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from lessons.errors import (
    Conflict,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Credential
from lessons.store.commits import Cursor, CursorAhead
from serving.observability.deliveries import trace_deliveries
from serving.web.authorization import LiveAccess
from serving.web.disclosing import StreamDisclosures
from serving.web.services import Services, services_of
from serving.web.stream_messages import Batch, Place, StreamMessage
from serving.web.stream_sources import StreamSource

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
SLOW_READER_SECONDS = 30.0
"""A reader that takes nothing for so long is disconnected; it resumes from its last event."""
RECONNECT_MS = 2000
"""How long an EventSource waits before it connects again."""

CLOSE_CODES = {NotAuthenticated: 4401, NotAllowed: 4403, NotFound: 4404, Conflict: 4409}
INVALID_CLOSE_CODE = 4400
SLOW_READER_CLOSE_CODE = 4408
UNAVAILABLE_CLOSE_CODE = 1013
"""WebSocket "try again later" (IANA registry of close codes)."""


def follow(
    services: Services, reader: Credential, access: LiveAccess, lesson_id: str, after: int
) -> AsyncIterator[Batch]:
    """Yield a lesson's stored events past `after`, and passing messages between, as `_follow`."""
    source = services.fan_out.lesson(reader.tenant_id, lesson_id)
    disclosures = StreamDisclosures(services, reader, lesson_id)
    return _follow(services, reader, access, source, (after,), disclosures)


def follow_commits(
    services: Services, reader: Credential, access: LiveAccess, course_id: str | None, after: Cursor
) -> AsyncIterator[Batch]:
    """Yield the stored events of a course, or of the whole tenant, past `after`, as `_follow`."""
    source = services.fan_out.commits(reader.tenant_id, course_id)
    disclosures = StreamDisclosures(services, reader, None)
    return _follow(services, reader, access, source, after, disclosures)


async def _follow(
    services: Services,
    reader: Credential,
    access: LiveAccess,
    source: StreamSource,
    after: Place,
    disclosures: StreamDisclosures,
) -> AsyncIterator[Batch]:
    """Yield every stored event past `after` that the reader may see, once and in order.

    It never ends by itself: finals may follow the lesson's end. While the store is down it waits
    and goes on where it was.

    Raises:
        NotAuthenticated: the credential was revoked or has expired.
        NotAllowed: the reader may not read these events any more.
        CursorAhead: the store was restored from a copy since.
    """
    async with (
        services.credential_watch.watch(reader) as watched,
        services.fan_out.tail(source) as tail,
    ):
        async for batch in tail.follow(after):
            if watched.reason is not None:
                raise watched.reason
            visible = await _visible(reader, access, batch)
            if visible.messages:
                await disclosures.enter(visible)
                yield visible  # Whoever asks for more has sent it.
                trace_deliveries(services.traces, visible)


async def _visible(reader: Credential, access: LiveAccess, batch: Batch) -> Batch:
    current = await access.current()
    if reader.kind == "api_key" and current.subjects is None:
        return batch
    seen = [message for message in batch.messages if await _sees(access, message)]
    return batch if len(seen) == len(batch.messages) else Batch(seen)


async def _sees(access: LiveAccess, message: StreamMessage) -> bool:
    if message.event is not None:
        return await access.sees(message.event)
    return message.passing is None or (await access.current()).sees_passing(message.passing.data)


class _EventStream(EventSourceResponse):
    """Ends quietly where the reader is too slow: it is no fault, the reader resumes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        metrics = (await services_of(HTTPConnection(scope))).metrics
        try:
            with metrics.reader("sse"):
                await super().__call__(scope, receive, send)
        except SendTimeoutError:
            metrics.cut_slow_reader("sse")
            logger.info("a reader of %s was too slow", scope["path"])


def event_stream_response(batches: AsyncIterator[Batch]) -> EventSourceResponse:
    """Return the stream as Server-Sent Events (WHATWG HTML, section 9.2)."""
    return _EventStream(
        _as_server_sent_events(batches),
        ping=HEARTBEAT_SECONDS,
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat"),
        send_timeout=SLOW_READER_SECONDS,
        headers={"Vary": "Accept"},
    )


async def _as_server_sent_events(batches: AsyncIterator[Batch]) -> AsyncIterator[bytes]:
    yield ServerSentEvent(comment="connected", retry=RECONNECT_MS).encode()
    try:
        async for batch in batches:
            for piece in batch.server_sent:
                yield piece
    except (NotAllowed, NotAuthenticated, CursorAhead) as error:
        # The reader connects again by itself, and is told why it cannot go on.
        logger.info("a stream ends: %s", error)


async def serve_websocket(websocket: WebSocket, batches: AsyncIterator[Batch]) -> None:
    """Send the stream as JSON `{"event", "data"}` until the client goes, is too slow or may not."""
    metrics = (await services_of(websocket)).metrics
    sender = asyncio.create_task(_send_messages(websocket, batches))
    reader = asyncio.create_task(_wait_for_disconnect(websocket))
    try:
        with metrics.reader("websocket"):
            await asyncio.wait({sender, reader}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sender.cancel()
        reader.cancel()
        await asyncio.wait({sender, reader})
    try:
        sender.result()
    except TimeoutError:
        metrics.cut_slow_reader("websocket")
        await websocket.close(SLOW_READER_CLOSE_CODE, "Too slow: resume with after=<cursor>.")
    except LecternError as error:
        await refuse_websocket(websocket, error)
    except (asyncio.CancelledError, WebSocketDisconnect):
        logger.debug("WebSocket reader is gone")


async def refuse_websocket(websocket: WebSocket, error: LecternError) -> None:
    """Close an accepted WebSocket with the code and the reason of an error."""
    codes = (code for kind, code in CLOSE_CODES.items() if isinstance(error, kind))
    code = UNAVAILABLE_CLOSE_CODE
    if not isinstance(error, Unavailable):
        code = next(codes, INVALID_CLOSE_CODE)
    await websocket.close(code, error.reason[:120])


async def _send_messages(websocket: WebSocket, batches: AsyncIterator[Batch]) -> None:
    async for batch in batches:
        for message in batch.messages:
            async with asyncio.timeout(SLOW_READER_SECONDS):
                await websocket.send_text(message.text)


async def _wait_for_disconnect(websocket: WebSocket) -> None:
    """Read and drop what the client sends: the stream goes one way."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
