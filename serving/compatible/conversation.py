"""A WebSocket of a client that sends speech and gets words: bounded, watched, and ended in order.

Each vendor's protocol is a `Dialogue`; here is what all of them share. Close codes past 3000 are
those of the IANA registry.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from lessons.errors import InvalidInput, LecternError, NotAllowed, NotAuthenticated, Unavailable
from lessons.policy import Credential
from serving.web.services import Services

logger = logging.getLogger(__name__)

IDLE_SECONDS = 30.0
"""A client that sends nothing for so long is told so, and disconnected."""
SLOW_READER_SECONDS = 20.0
"""A client that takes no message for so long is disconnected."""
MOST_WAITING = 100
"""Messages past which a passing one is let go, since the next one says it again."""
MOST_UNSENT = 1_000
"""Messages past which a client counts as too slow."""

NORMAL, POLICY, TRY_AGAIN = 1000, 1008, 1013
UNAUTHORIZED, FORBIDDEN, TIMEOUT = 3000, 3003, 3008


class IdleStream(LecternError):
    """The client has sent nothing for too long."""

    code = "idle"


class Outbox:
    """Messages on their way to one client, in order.

    Args:
        websocket: an accepted one.
    """

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()
        self._overflowed = False

    def put(self, message: Mapping[str, Any], *, passing: bool = False) -> None:
        """Send a message as JSON; a passing one may be left out where the client is slow."""
        unsent = self._waiting.qsize()
        self._overflowed = self._overflowed or unsent >= MOST_UNSENT
        if unsent < (MOST_WAITING if passing else MOST_UNSENT):
            self._waiting.put_nowait(json.dumps(message, ensure_ascii=False))

    def end(self) -> None:
        """Let `run` return once everything put until now is sent."""
        self._waiting.put_nowait(None)

    async def run(self) -> None:
        """Send until `end`.

        Raises:
            TimeoutError: the client takes nothing, or too little.
        """
        while (text := await self._waiting.get()) is not None:
            if self._overflowed:
                raise TimeoutError
            async with asyncio.timeout(SLOW_READER_SECONDS):
                await self._websocket.send_text(text)


class Dialogue(Protocol):
    """One vendor's protocol on one connection."""

    async def listen(self) -> None:
        """Take what the client sends until it has said that it is done.

        Raises:
            LecternError: the connection ends by it.
            WebSocketDisconnect: the client went away.
        """
        ...

    def refuse(self, error: LecternError) -> None:
        """Tell the client why the connection ends, in its own words."""
        ...

    async def drop(self) -> None:
        """Let go of whatever is still going on."""
        ...


async def receive(websocket: WebSocket, limit_seconds: float | None = None) -> str | bytes:
    """Return the client's next message; without a limit of its own, within `IDLE_SECONDS`.

    Raises:
        IdleStream: none came in time.
        WebSocketDisconnect: the client went away.
    """
    seconds = IDLE_SECONDS if limit_seconds is None else limit_seconds
    try:
        async with asyncio.timeout(seconds):
            message = await websocket.receive()
    except TimeoutError as error:
        raise IdleStream(
            f"Nothing was received for {seconds:.0f} s.",
            fix="Send audio, silence as well, or what your client sends to keep alive.",
        ) from error
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", NORMAL))
    data: str | bytes = message["bytes"] if message.get("bytes") is not None else message["text"]
    return data


def read_object(text: str) -> dict[str, Any]:
    """Return the JSON object of a text message.

    Raises:
        InvalidInput: it is none.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise InvalidInput("The message is no JSON object.", fix="Send one in each text message.")
    return message


async def hold(
    websocket: WebSocket, services: Services, caller: Credential, dialogue: Dialogue, outbox: Outbox
) -> None:
    """Let a dialogue go on until the client is done, goes away, is too slow or may not go on."""
    async with services.credential_watch.watch(caller) as watched:
        listening = asyncio.create_task(dialogue.listen())
        sending = asyncio.create_task(outbox.run())
        revoked = asyncio.create_task(watched.over.wait())
        tasks = (listening, sending, revoked)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                logger.info("a client at %s takes no messages", websocket.url.path)
            else:
                error = watched.reason or (_failure_of(listening) if listening.done() else None)
                await _part(websocket, dialogue, outbox, sending, error)
        except WebSocketDisconnect:
            logger.debug("a client at %s is gone", websocket.url.path)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await dialogue.drop()


def _failure_of(listening: asyncio.Task[None]) -> LecternError | None:
    try:
        listening.result()
    except LecternError as error:
        return error
    return None


async def _part(
    websocket: WebSocket,
    dialogue: Dialogue,
    outbox: Outbox,
    sending: asyncio.Task[None],
    error: LecternError | None,
) -> None:
    """Send what waits, an error last, and close."""
    if error is not None:
        dialogue.refuse(error)
    outbox.end()
    try:
        await sending
    except TimeoutError:
        logger.info("a client at %s takes no messages", websocket.url.path)
        return
    reason = error.reason[:120] if error else ""
    await websocket.close(close_code(error), reason)


def close_code(error: LecternError | None) -> int:
    """Return the code to close with for a reason."""
    codes: tuple[tuple[type[LecternError], int], ...] = (
        (NotAuthenticated, UNAUTHORIZED),
        (NotAllowed, FORBIDDEN),
        (IdleStream, TIMEOUT),
        (Unavailable, TRY_AGAIN),
    )
    if error is None:
        return NORMAL
    return next((code for kind, code in codes if isinstance(error, kind)), POLICY)
