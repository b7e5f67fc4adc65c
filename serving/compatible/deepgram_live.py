"""Deepgram's live stream: `WS /v1/listen`, raw audio in, results out, nothing stored."""

from __future__ import annotations

from contextlib import ExitStack

from fastapi import APIRouter
from fastapi.requests import HTTPConnection
from starlette.websockets import WebSocket

from lessons.errors import InvalidInput, LecternError, NotAuthenticated
from lessons.events import CaptionFinal, PartialCaption
from media_ingest.raw_audio import RawAudioDecoder
from serving.compatible.admission import ENGINE_HEADER, admit_stream
from serving.compatible.conversation import Outbox, hold, read_object, receive
from serving.compatible.deepgram_errors import error_message, error_response
from serving.compatible.deepgram_messages import CHANNEL, Answering
from serving.compatible.deepgram_options import ListenOptions, read_options
from serving.compatible.speech_stream import SpeechStream, Turn
from serving.web.services import services_of

SCHEMES = frozenset({"token", "bearer"})

router = APIRouter(prefix="/v1")


def deepgram_token(connection: HTTPConnection) -> str | None:
    """Return the key of `Authorization: Token <key>`, as Deepgram's clients send it, or `Bearer`.

    Raises:
        NotAuthenticated: the header is there and is neither.
    """
    header = connection.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in SCHEMES or not token.strip():
        raise NotAuthenticated(
            "The header is neither 'Token <key>' nor 'Bearer <key>'.", field="Authorization"
        )
    return token.strip()


@router.websocket("/listen")
async def transcribe_live(websocket: WebSocket) -> None:
    """Serve one live stream."""
    services = await services_of(websocket)
    with ExitStack() as held:
        try:
            token = deepgram_token(websocket)
            caller, admitted = await admit_stream(websocket, services, token, held)
            options = read_options(websocket.query_params.multi_items())
            language = admitted.language_for(options.language)
            decoder = options.decoder()
        except LecternError as error:
            await websocket.send_denial_response(error_response(error))
            return
        answering = Answering(admitted.engine, options.channels)
        headers = {ENGINE_HEADER: admitted.engine.name, "dg-request-id": answering.request_id}
        await websocket.accept(
            headers=[(name.lower().encode(), value.encode()) for name, value in headers.items()]
        )
        outbox = Outbox(websocket)
        results = Results(options, answering, outbox)
        stream = SpeechStream(
            services.captions,
            results,
            caller.tenant_id,
            options.cutting,
            language,
            options.vocabulary,
        )
        dialogue = LiveDialogue(websocket, decoder, stream, results, outbox)
        await hold(websocket, services, caller, dialogue, outbox)


class Results:
    """What becomes of the speech, as Deepgram's messages. A `TurnListener`."""

    def __init__(self, options: ListenOptions, answering: Answering, outbox: Outbox) -> None:
        self.answering = answering
        self._options = options
        self._outbox = outbox
        self._speaking = 0
        self._last_word_end_ms: int | None = None
        self._clock_ms = 0.0

    def started(self, turn: Turn) -> None:
        """Tell that somebody speaks, where that was asked for."""
        self._speaking += 1
        if self._options.vad_events:
            told = {"type": "SpeechStarted", "channel": CHANNEL, "timestamp": turn.start_ms / 1000}
            self._outbox.put(told)

    def stopped(self, turn: Turn, end_ms: int) -> None:  # noqa: ARG002 - the listener's form
        """Nothing is told; the final follows."""
        self._speaking -= 1

    def partial(self, turn: Turn, caption: PartialCaption) -> None:  # noqa: ARG002
        """Send an interim result, where those were asked for."""
        if self._options.interim_results:
            self._outbox.put(self.answering.interim(caption), passing=True)

    def final(self, turn: Turn, caption: CaptionFinal) -> None:
        """Send a turn's words."""
        speech_final = self._options.endpointing is not False
        self._last_word_end_ms = caption.end_ms
        self._outbox.put(self.answering.final(turn.start_ms, caption, speech_final=speech_final))
        self._tell_utterance_end()

    def heard_until(self, clock_ms: float) -> None:
        """Take how far the audio has come, in milliseconds."""
        self._clock_ms = clock_ms
        self._tell_utterance_end()

    def _tell_utterance_end(self) -> None:
        """Tell once that nobody has spoken for as long as was asked for."""
        gap_ms, last_ms = self._options.utterance_end_ms, self._last_word_end_ms
        if gap_ms is None or last_ms is None or self._speaking:
            return
        if self._clock_ms - last_ms >= gap_ms:
            self._last_word_end_ms = None
            told = {"type": "UtteranceEnd", "channel": CHANNEL, "last_word_end": last_ms / 1000}
            self._outbox.put(told)


class LiveDialogue:
    """One stream: audio and control messages in. A `Dialogue`."""

    def __init__(
        self,
        websocket: WebSocket,
        decoder: RawAudioDecoder,
        stream: SpeechStream,
        results: Results,
        outbox: Outbox,
    ) -> None:
        self._websocket = websocket
        self._decoder = decoder
        self._stream = stream
        self._results = results
        self._outbox = outbox

    async def listen(self) -> None:
        """Take audio until `CloseStream`, or an empty message, as older clients end with."""
        while True:
            message = await receive(self._websocket)
            if isinstance(message, bytes) and message:
                await self._hear(message)
            elif not message or await self._is_over(message):
                break
        await self._stream.settle()
        answering = self._results.answering
        duration_seconds = self._decoder.received_ms / 1000
        self._outbox.put({"type": "Metadata", **answering.metadata(duration_seconds)})

    def refuse(self, error: LecternError) -> None:
        """Tell why the stream ends."""
        self._outbox.put(error_message(error))

    async def drop(self) -> None:
        """Let go of what is still to be transcribed."""
        await self._stream.drop()

    async def _hear(self, data: bytes) -> None:
        self._results.answering.digest.update(data)
        await self._stream.feed(self._decoder.decode(data))
        self._results.heard_until(self._decoder.received_ms)

    async def _is_over(self, message: str | bytes) -> bool:
        """Answer a control message; tell whether it was the last."""
        try:
            kind = read_object(message if isinstance(message, str) else "").get("type")
        except InvalidInput as error:
            self._tell_schema_error(str(error), message)
            return False
        if kind == "Finalize":
            await self._stream.settle()
            self._outbox.put(self._results.answering.finalized(self._decoder.received_ms))
        elif kind not in ("KeepAlive", "CloseStream"):
            known = "KeepAlive, Finalize and CloseStream are taken"
            self._tell_schema_error(f"{kind!r} is no message of a stream: {known}.", message)
        return bool(kind == "CloseStream")

    def _tell_schema_error(self, description: str, message: str | bytes) -> None:
        text = message if isinstance(message, str) else "(binary)"
        self._outbox.put(
            {
                "type": "Error",
                "variant": "SchemaError",
                "description": description,
                "message": text[:200],
            }
        )
