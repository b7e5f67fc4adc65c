"""OpenAI's Realtime transcription: `WS /v1/realtime?intent=transcription`, nothing stored.

Text only ever grows: a delta carries words that two hypotheses agree on, and `completed` has the
turn's final transcript, which holds where the two differ.
"""

from __future__ import annotations

import base64
import binascii
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket

from lessons.errors import InvalidInput, LecternError
from lessons.events import CaptionFinal, PartialCaption
from lessons.identifiers import new_id
from lessons.policy import Credential
from serving.compatible.admission import ENGINE_HEADER, Admitted, admit_stream
from serving.compatible.conversation import Outbox, hold, read_object, receive
from serving.compatible.openai_errors import error_of, error_response
from serving.compatible.openai_session import Session, of_beta
from serving.compatible.speech_stream import SpeechStream, Turn
from serving.web.authentication import bearer_token
from serving.web.services import Services, services_of

BETA_HEADER = "openai-beta"
TRANSCRIBED = "conversation.item.input_audio_transcription"
CONTENT_INDEX = 0
LONGEST_ECHO = 200
"""Characters of what a client sent that an error repeats."""
NEVER = 0
"""A session has no end of its own; it ends with its credential, or without any message."""

router = APIRouter(prefix="/v1")


@router.websocket("/realtime")
async def transcribe_realtime(websocket: WebSocket) -> None:
    """Serve one transcription session."""
    services = await services_of(websocket)
    with ExitStack() as held:
        try:
            token = bearer_token(websocket)
            caller, admitted = await admit_stream(websocket, services, token, held)
        except LecternError as error:
            await websocket.send_denial_response(error_response(error))
            return
        engine = admitted.engine.name.encode()
        await websocket.accept(headers=[(ENGINE_HEADER.lower().encode(), engine)])
        outbox = Outbox(websocket)
        dialogue = RealtimeDialogue(websocket, services, caller, admitted, outbox)
        await hold(websocket, services, caller, dialogue, outbox)


@dataclass(slots=True)
class Item:
    """One item of the conversation: a turn, or all that the client commits at once."""

    id: str = field(default_factory=lambda: new_id("item"))
    from_ms: float = 0.0
    sent: str = ""
    finals: list[str] = field(default_factory=list)

    @property
    def transcript(self) -> str:
        """The final words so far."""
        return " ".join(self.finals)

    def growth(self, text: str) -> str:
        """Return what to send so that the client has `text`; nothing if it does not grow."""
        whole = " ".join(part for part in (self.transcript, text) if part)
        if not whole.startswith(self.sent) or whole == self.sent:
            return ""
        delta, self.sent = whole[len(self.sent) :], whole
        return delta


class RealtimeDialogue:
    """One session: its client's events in, ours out. A `Dialogue`, and the `TurnListener` of it."""

    def __init__(
        self,
        websocket: WebSocket,
        services: Services,
        caller: Credential,
        admitted: Admitted,
        outbox: Outbox,
    ) -> None:
        self._websocket = websocket
        self._services = services
        self._caller = caller
        self._admitted = admitted
        self._outbox = outbox
        self._beta = BETA_HEADER in websocket.headers
        self._id = new_id("sess")
        self._session = Session()
        self._decoder = self._session.audio.input.format.decoder()
        self._stream = self._new_stream(self._session)
        self._items: dict[str, Item] = {}
        self._open: Item | None = None
        self._last_item_id: str | None = None

    async def listen(self) -> None:
        """Answer events until the client goes; one that is wrong is told, and ends nothing."""
        self._tell("session.created", session=self._described())
        while True:
            message = await receive(self._websocket)
            event: dict[str, Any] = {}
            try:
                event = read_object(message if isinstance(message, str) else "")
                await self._take(event)
            except InvalidInput as error:
                self._tell_error(error, event.get("event_id"))

    def refuse(self, error: LecternError) -> None:
        """Tell why the session ends."""
        self._tell_error(error, None)

    async def drop(self) -> None:
        """Let go of what is still to be transcribed."""
        await self._stream.drop()

    def started(self, turn: Turn) -> None:
        """Open an item for a turn; where the client commits by itself there is one already."""
        if self._manual:
            return
        self._items[turn.id] = Item(from_ms=turn.start_ms)
        self._tell(
            "input_audio_buffer.speech_started",
            audio_start_ms=turn.start_ms,
            item_id=self._items[turn.id].id,
        )

    def stopped(self, turn: Turn, end_ms: int) -> None:
        """Tell that a turn is over; its item is committed once its words are known."""
        if not self._manual:
            item_id = self._items[turn.id].id
            self._tell("input_audio_buffer.speech_stopped", audio_end_ms=end_ms, item_id=item_id)

    def partial(self, turn: Turn, caption: PartialCaption) -> None:
        """Send the words that will stay."""
        item = self._item_of(turn)
        if item is not None:
            self._send_delta(item, caption.stable_text)

    def final(self, turn: Turn, caption: CaptionFinal) -> None:
        """Complete the turn's item, or add to the one that the client is yet to commit."""
        item = self._item_of(turn)
        if item is None:
            return
        self._send_delta(item, caption.text)
        item.finals.append(caption.text)
        if not self._manual:
            self._close_until(turn)
            self._commit(item)
            self._complete(item, caption.end_ms - item.from_ms)

    def _close_until(self, turn: Turn) -> None:
        """Forget a turn's item, and those before it, which were noises without a word."""
        for turn_id in list(self._items):
            del self._items[turn_id]
            if turn_id == turn.id:
                return

    @property
    def _manual(self) -> bool:
        return self._session.audio.input.turn_detection is None

    async def _take(self, event: dict[str, Any]) -> None:
        match event.get("type"):
            case "input_audio_buffer.append":
                await self._append(event.get("audio"))
            case "input_audio_buffer.commit":
                await self._commit_by_client()
            case "input_audio_buffer.clear":
                await self._stream.drop()
                self._open = None
                self._tell("input_audio_buffer.cleared")
            case "session.update":
                await self._update(_object_in(event))
                self._tell("session.updated", session=self._described())
            case "transcription_session.update":
                await self._update(of_beta(_object_in(event)))
                self._tell("transcription_session.updated", session=self._described())
            case other:
                raise InvalidInput(
                    f"{str(other)[:LONGEST_ECHO]!r} is nothing that a transcription session takes.",
                    field="type",
                    fix="Audio is transcribed here; no responses are made.",
                )

    async def _append(self, audio: object) -> None:
        try:
            data = base64.b64decode(audio, validate=True) if isinstance(audio, str) else b""
        except (binascii.Error, ValueError) as error:
            raise InvalidInput("It is not base64.", field="audio") from error
        if not data:
            raise InvalidInput("There is no audio in it.", field="audio", fix="Send base64.")
        if self._open is None:
            self._open = Item(from_ms=self._decoder.received_ms)
        await self._stream.feed(self._decoder.decode(data))

    async def _commit_by_client(self) -> None:
        item, manual = self._open, self._manual
        if item is None:
            raise InvalidInput("The buffer is empty.", fix="Append audio before you commit.")
        if manual:
            self._commit(item)
        await self._stream.settle()
        self._open = None
        if manual:
            self._complete(item, self._decoder.received_ms - item.from_ms)

    async def _update(self, update: dict[str, Any]) -> None:
        session = self._session.changed_by(update)
        decoder = session.audio.input.format.decoder()
        stream = self._new_stream(session)
        await self._stream.settle()
        if session.audio.input.format != self._session.audio.input.format:
            self._decoder = decoder
        self._session, self._stream, self._open = session, stream, None

    def _new_stream(self, session: Session) -> SpeechStream:
        heard = session.audio.input
        return SpeechStream(
            self._services.captions,
            self,
            self._caller.tenant_id,
            heard.cutting,
            self._admitted.language_for(heard.transcription.asked_language),
            heard.transcription.vocabulary,
        )

    def _item_of(self, turn: Turn) -> Item | None:
        return self._open if self._manual else self._items.get(turn.id)

    def _send_delta(self, item: Item, text: str) -> None:
        delta = item.growth(text)
        if delta:
            self._tell(
                f"{TRANSCRIBED}.delta", item_id=item.id, content_index=CONTENT_INDEX, delta=delta
            )

    def _commit(self, item: Item) -> None:
        before, self._last_item_id = self._last_item_id, item.id
        self._tell("input_audio_buffer.committed", item_id=item.id, previous_item_id=before)
        told = "conversation.item.created" if self._beta else "conversation.item.added"
        self._tell(told, previous_item_id=before, item=_item_view(item, None))

    def _complete(self, item: Item, duration_ms: float) -> None:
        if not self._beta:
            done = _item_view(item, item.transcript)
            self._tell("conversation.item.done", item=done)
        self._tell(
            f"{TRANSCRIBED}.completed",
            item_id=item.id,
            content_index=CONTENT_INDEX,
            transcript=item.transcript,
            usage={"type": "duration", "seconds": round(max(0.0, duration_ms) / 1000, 3)},
        )

    def _described(self) -> dict[str, Any]:
        """The session as it stands, and what really hears."""
        engine = self._admitted.engine
        return {
            "id": self._id,
            "object": "realtime.transcription_session",
            "expires_at": NEVER,
            **self._session.model_dump(),
            "lectern": {"engine": engine.engine, "model": engine.model, "stored": False},
        }

    def _tell_error(self, error: LecternError, event_id: object) -> None:
        echoed = event_id[:LONGEST_ECHO] if isinstance(event_id, str) else None
        self._tell("error", error={**error_of(error), "event_id": echoed})

    def _tell(self, kind: str, **fields: Any) -> None:
        self._outbox.put({"type": kind, "event_id": new_id("event"), **fields})


def _object_in(event: dict[str, Any]) -> dict[str, Any]:
    session = event.get("session")
    if not isinstance(session, dict):
        raise InvalidInput("It is missing.", field="session", fix="Send an object.")
    return session


def _item_view(item: Item, transcript: str | None) -> dict[str, Any]:
    content = {"type": "input_audio", "transcript": transcript}
    status = "in_progress" if transcript is None else "completed"
    return {
        "id": item.id,
        "object": "realtime.item",
        "type": "message",
        "status": status,
        "role": "user",
        "content": [content],
    }
