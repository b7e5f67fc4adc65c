"""WhisperLive's protocol: `WS /`, options, then float32 audio at 16 kHz; nothing stored.

Its clients know an address and a port, no path and no header. So it is the gateway's own root, and
the credential comes in the first message, in the one text field that every client lets its user
set: `model`. An address in a query would end up in logs; a message does not.
"""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from lessons.errors import InvalidInput, LecternError
from lessons.events import CaptionFinal, CaptionWord, PartialCaption
from media_ingest.frames import SAMPLE_RATE
from media_ingest.raw_audio import RawAudioDecoder
from media_ingest.utterances import CuttingSettings
from serving.compatible.admission import Admitted, admit_stream
from serving.compatible.conversation import (
    IDLE_SECONDS,
    IdleStream,
    Outbox,
    close_code,
    hold,
    read_object,
    receive,
)
from serving.compatible.openai_request import LONGEST_PROMPT_CHARACTERS, MOST_WORDS, keywords_of
from serving.compatible.speech_stream import SpeechStream, Turn
from serving.web.services import services_of

END_OF_AUDIO = b"END_OF_AUDIO"
BACKEND = "faster_whisper"
"""The only backend whose segments the clients keep; `engine` says what really hears."""
HANDSHAKE_SECONDS = 10.0
QUIET_SECONDS = 2.0
"""A client that plays a file goes quiet at its end, waits for words, and leaves in the moment that
it says so: what is open then has to be over before."""
MOST_SEGMENTS = 100

router = APIRouter()


class StreamOptions(BaseModel):
    """The first message of a client. What only tunes Whisper is taken and has no effect."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    uid: str = Field(min_length=1, max_length=200)
    model: str = Field(min_length=1, max_length=4_000)
    language: str | None = Field(default=None, max_length=20)
    task: str = "transcribe"
    send_last_n_segments: int = Field(default=10, ge=1, le=MOST_SEGMENTS)
    hotwords: str | None = Field(default=None, max_length=LONGEST_PROMPT_CHARACTERS)
    initial_prompt: str | None = Field(default=None, max_length=LONGEST_PROMPT_CHARACTERS)
    word_timestamps: bool = False
    enable_translation: bool = False
    enable_diarization: bool = False

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """Words to listen for."""
        words = (*keywords_of(self.hotwords), *keywords_of(self.initial_prompt))
        return words[:MOST_WORDS]

    def require_plain_transcription(self) -> None:
        """Refuse what is not done here.

        Raises:
            InvalidInput: names the option.
        """
        refused = {
            "task": self.task != "transcribe",
            "enable_translation": self.enable_translation,
            "enable_diarization": self.enable_diarization,
        }
        for name, is_set in refused.items():
            if is_set:
                raise InvalidInput("It is not offered here.", field=name, fix="Leave it out.")


@router.websocket("/")
async def transcribe_whisper_live(websocket: WebSocket) -> None:
    """Serve one stream of a WhisperLive client."""
    services = await services_of(websocket)
    await websocket.accept()
    uid = ""
    with ExitStack() as held:
        try:
            message = await receive(websocket, HANDSHAKE_SECONDS)
            greeting = read_object(message if isinstance(message, str) else "")
            uid = str(greeting.get("uid", ""))[:200]
            options = _read_options(greeting)
            caller, admitted = await admit_stream(websocket, services, options.model, held)
            language = admitted.language_for(options.language)
        except LecternError as error:
            await websocket.send_json(_error(uid, error))
            await websocket.close(close_code(error))
            return
        except WebSocketDisconnect:
            return
        outbox = Outbox(websocket)
        segments = Segments(options, outbox)
        stream = SpeechStream(
            services.captions,
            segments,
            caller.tenant_id,
            CuttingSettings(),
            language,
            options.vocabulary,
        )
        outbox.put(_ready(uid, admitted))
        dialogue = WhisperLiveDialogue(websocket, uid, stream, outbox)
        await hold(websocket, services, caller, dialogue, outbox)


class Segments:
    """The last segments, sent again with each change, as WhisperLive does. A `TurnListener`."""

    def __init__(self, options: StreamOptions, outbox: Outbox) -> None:
        self._options = options
        self._outbox = outbox
        self._completed: deque[dict[str, Any]] = deque(maxlen=options.send_last_n_segments)

    def started(self, turn: Turn) -> None:
        """Nothing is told of speech without words."""

    def stopped(self, turn: Turn, end_ms: int) -> None:
        """Nothing is told; the final follows."""

    def partial(self, turn: Turn, caption: PartialCaption) -> None:  # noqa: ARG002
        """Send the segment that goes on behind those that are over."""
        text = " ".join(part for part in (caption.stable_text, caption.unstable_text) if part)
        if text:
            growing = _segment(caption.start_ms, caption.end_ms, text, completed=False)
            self._send([*self._completed, growing], passing=True)

    def final(self, turn: Turn, caption: CaptionFinal) -> None:  # noqa: ARG002
        """Send the segment that is over: once as it grew last, or clients keep an older partial."""
        segment = _segment(caption.start_ms, caption.end_ms, caption.text, completed=True)
        if self._options.word_timestamps:
            segment["words"] = [_word(word) for word in caption.words]
        self._send([*self._completed, segment | {"completed": False}], passing=False)
        self._completed.append(segment)
        self._send([*self._completed], passing=False)

    def _send(self, segments: list[dict[str, Any]], *, passing: bool) -> None:
        self._outbox.put({"uid": self._options.uid, "segments": segments}, passing=passing)


class WhisperLiveDialogue:
    """One stream: audio until its end is said. A `Dialogue`."""

    def __init__(
        self, websocket: WebSocket, uid: str, stream: SpeechStream, outbox: Outbox
    ) -> None:
        self._websocket = websocket
        self._uid = uid
        self._stream = stream
        self._outbox = outbox
        self._decoder = RawAudioDecoder("float32", SAMPLE_RATE)

    async def listen(self) -> None:
        """Take audio until `END_OF_AUDIO`; the last words are sent before the close."""
        while (data := await self._receive()) != END_OF_AUDIO:
            await self._stream.feed(self._decoder.decode(data))
        await self._stream.settle()

    async def _receive(self) -> bytes:
        """The next message; ends the open turn where it is long in coming."""
        try:
            message = await receive(self._websocket, QUIET_SECONDS)
        except IdleStream:
            await self._stream.settle()
            message = await receive(self._websocket, IDLE_SECONDS - QUIET_SECONDS)
        return message.encode() if isinstance(message, str) else message

    def refuse(self, error: LecternError) -> None:
        """Tell why the stream ends."""
        self._outbox.put(_error(self._uid, error))

    async def drop(self) -> None:
        """Let go of what is still to be transcribed."""
        await self._stream.drop()


def _read_options(greeting: dict[str, Any]) -> StreamOptions:
    try:
        options = StreamOptions.model_validate(greeting)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{first['msg']}.", field=field) from error
    options.require_plain_transcription()
    return options


def _ready(uid: str, admitted: Admitted) -> dict[str, Any]:
    ready = {"uid": uid, "message": "SERVER_READY", "backend": BACKEND}
    return ready | {"engine": admitted.engine.name}


def _error(uid: str, error: LecternError) -> dict[str, Any]:
    return {"uid": uid, "status": "ERROR", "message": str(error)}


def _segment(start_ms: int, end_ms: int, text: str, *, completed: bool) -> dict[str, Any]:
    """A segment as WhisperLive writes it: seconds as text, words with a space before them."""
    return {
        "start": f"{start_ms / 1000:.3f}",
        "end": f"{end_ms / 1000:.3f}",
        "text": f" {text}",
        "completed": completed,
    }


def _word(word: CaptionWord) -> dict[str, Any]:
    return {
        "word": f" {word.text}",
        "start": word.start_ms / 1000,
        "end": word.end_ms / 1000,
        "probability": word.confidence,
    }
