"""Live streams of one lesson: stored events exactly once and in order, passing ones as they come.

A stream is pulled by its reader: while a reader is slow nothing piles up here, the feed drops
partial captions (they are replaced by the next ones) and the stored events wait in the ledger.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from lessons.errors import NotAllowed, Unavailable
from lessons.events import LearningEvent
from lessons.policy import Credential
from lessons.store import Committed
from serving.web.authorization import LiveAccess
from serving.web.services import Services

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15
SLOW_READER_SECONDS = 30.0
"""A reader that takes nothing for so long is disconnected; it resumes from its last event."""
RECONNECT_MS = 2000
"""How long an EventSource waits before it connects again."""
PAGE_EVENTS = 500
STORE_RETRY_SECONDS = 1.0
SLOW_READER_CLOSE_CODE = 4408
NOT_ALLOWED_CLOSE_CODE = 4403


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One message of a stream; `sequence` is the cursor to resume from, None if it passes by."""

    event: str
    data: dict[str, Any]
    sequence: int | None


async def follow(
    services: Services, reader: Credential, access: LiveAccess, lesson_id: str, after: int
) -> AsyncIterator[StreamMessage]:
    """Yield every stored event past `after`, once and in order, and passing messages between.

    The subscription begins before the backlog is read, so that nothing falls between the two; the
    cursor drops what both of them bring. It never ends by itself: finals may follow the lesson's
    end. While the store is down it waits and goes on where it was.

    Raises:
        NotAllowed: the reader may not read these events any more.
    """
    cursor = after
    async with services.feed.subscribe(reader.tenant_id, lesson_id) as notices:
        async for event in _stored(services, reader.tenant_id, lesson_id, cursor):
            cursor = event.ledgersequence
            if await access.sees(event):
                yield _stored_message(event)
        async for notice in notices:
            if not isinstance(notice, Committed):
                if (await access.current()).sees_passing(notice.data):
                    yield StreamMessage(notice.type, notice.data, None)
            elif notice.sequence is None or notice.sequence > cursor:
                async for event in _stored(services, reader.tenant_id, lesson_id, cursor):
                    cursor = event.ledgersequence
                    if await access.sees(event):
                        yield _stored_message(event)


def _stored_message(event: LearningEvent) -> StreamMessage:
    return StreamMessage(event.type, event.to_wire(), event.ledgersequence)


async def _stored(
    services: Services, tenant_id: str, lesson_id: str, after: int
) -> AsyncIterator[LearningEvent]:
    """Yield the stored events past `after`, page by page, waiting while the store is down."""
    while True:
        try:
            events = await services.ledger.read(tenant_id, lesson_id, after, PAGE_EVENTS)
        except Unavailable as error:
            logger.warning("stream of %s waits for the store: %s", lesson_id, error)
            await asyncio.sleep(STORE_RETRY_SECONDS)
            continue
        for event in events:
            after = event.ledgersequence
            yield event
        if len(events) < PAGE_EVENTS:
            return


class _EventStream(EventSourceResponse):
    """Ends quietly where the reader is too slow: it is no fault, the reader resumes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            logger.info("a reader of %s was too slow", scope["path"])


def event_stream_response(messages: AsyncIterator[StreamMessage]) -> EventSourceResponse:
    """Return the stream as Server-Sent Events (WHATWG HTML, section 9.2)."""
    return _EventStream(
        _as_server_sent_events(messages),
        ping=HEARTBEAT_SECONDS,
        ping_message_factory=lambda: ServerSentEvent(comment="heartbeat"),
        send_timeout=SLOW_READER_SECONDS,
        headers={"Vary": "Accept"},
    )


async def _as_server_sent_events(
    messages: AsyncIterator[StreamMessage],
) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="connected", retry=RECONNECT_MS)
    try:
        async for message in messages:
            yield ServerSentEvent(
                data=json.dumps(message.data, separators=(",", ":"), ensure_ascii=False),
                event=message.event,
                id=None if message.sequence is None else str(message.sequence),
            )
    except NotAllowed as error:
        # The reader connects again by itself, and is told why it may not.
        logger.info("a stream ends: %s", error)


async def serve_websocket(websocket: WebSocket, messages: AsyncIterator[StreamMessage]) -> None:
    """Send the stream as JSON `{"event", "data"}` until the client goes or is too slow."""
    sender = asyncio.create_task(_send_messages(websocket, messages))
    reader = asyncio.create_task(_wait_for_disconnect(websocket))
    try:
        await asyncio.wait({sender, reader}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sender.cancel()
        reader.cancel()
        await asyncio.wait({sender, reader})
    try:
        sender.result()
    except TimeoutError:
        await websocket.close(SLOW_READER_CLOSE_CODE, "Too slow: resume with after=<sequence>.")
    except NotAllowed as error:
        await websocket.close(NOT_ALLOWED_CLOSE_CODE, error.reason[:120])
    except (asyncio.CancelledError, WebSocketDisconnect):
        logger.debug("WebSocket reader is gone")


async def _send_messages(websocket: WebSocket, messages: AsyncIterator[StreamMessage]) -> None:
    async for message in messages:
        text = json.dumps(
            {"event": message.event, "data": message.data},
            separators=(",", ":"),
            ensure_ascii=False,
        )
        async with asyncio.timeout(SLOW_READER_SECONDS):
            await websocket.send_text(text)


async def _wait_for_disconnect(websocket: WebSocket) -> None:
    """Read and drop what the client sends: the stream goes one way."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
