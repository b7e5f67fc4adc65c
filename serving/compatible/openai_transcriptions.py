"""OpenAI's `POST /v1/audio/transcriptions`: a file in, its words out, nothing stored."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.types import Receive, Scope, Send

from lessons.errors import InvalidInput, LecternError
from lessons.identifiers import new_id
from media_ingest.recording import RecordedAudio
from serving.compatible.admission import ENGINE_HEADER, Admitted, admit
from serving.compatible.file_transcription import FileTranscription, Segment, open_audio
from serving.compatible.openai_errors import OPENAI_ERRORS, OpenAIRoute
from serving.compatible.openai_formats import (
    MEDIA_TYPES,
    stream_delta,
    stream_done,
    stream_error,
    stream_waiting,
    to_format,
)
from serving.compatible.openai_request import TranscriptionForm, read_form
from serving.web.authentication import Caller
from serving.web.services import Services, ServicesDependency

FILE_FIELD = "file"
MOST_FIELDS = 1_100
"""Parts of a form: one file, and lists of at most 500 words and languages."""
EVENT_STREAM = "text/event-stream"

FORM_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "model": {"type": "string", "example": "whisper-1"},
                        "language": {"type": "string", "example": "en"},
                        "prompt": {"type": "string"},
                        "response_format": {
                            "type": "string",
                            "enum": ["json", "text", "srt", "verbose_json", "vtt"],
                        },
                        "temperature": {"type": "number"},
                        "timestamp_granularities[]": {
                            "type": "array",
                            "items": {"type": "string", "enum": ["word", "segment"]},
                        },
                        "stream": {"type": "boolean"},
                    },
                    "required": ["file", "model"],
                }
            }
        },
    }
}

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The transcript, in the format that was asked for",
        "content": {
            **{kind.partition(";")[0]: {"schema": {}} for kind in MEDIA_TYPES.values()},
            EVENT_STREAM: {"schema": {"type": "string"}},
        },
        "headers": {
            ENGINE_HEADER: {"schema": {"type": "string"}, "description": "What really heard"}
        },
    }
}

router = APIRouter(prefix="/v1/audio", tags=["client APIs"], route_class=OpenAIRoute)


@dataclass(frozen=True, slots=True)
class _Work:
    """One file that is being transcribed."""

    form: TranscriptionForm
    audio: RecordedAudio
    transcription: FileTranscription

    async def body(self) -> str:
        """The whole answer, in the format that was asked for."""
        transcript = await self.transcription.transcript(self.audio)
        return to_format(transcript, self.form.response_format, self.form.granularities)

    async def stream(self) -> AsyncGenerator[str, None]:
        """Each segment as soon as it is known, then the whole text."""
        segments: list[Segment] = []
        try:
            async with aclosing(self.transcription.progress(self.audio)) as told:
                async for segment in told:
                    if segment is None:
                        yield stream_waiting(segments)
                        continue
                    segments.append(segment)
                    yield stream_delta(segment, first=len(segments) == 1)
            yield stream_done(self.transcription.whole(self.audio, segments))
        except LecternError as error:
            yield stream_error(error)
        yield "data: [DONE]\n\n"


class _HeldStream(StreamingResponse):
    """A stream that lets go of its file and its place however it ends."""

    def __init__(self, held: AsyncExitStack, stream: AsyncIterator[str], **options: Any) -> None:
        super().__init__(stream, **options)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


@router.post(
    "/transcriptions",
    response_class=Response,
    responses=ANSWERS | OPENAI_ERRORS,
    openapi_extra=FORM_BODY,
)
async def transcribe_audio(
    request: Request, caller: Caller, services: ServicesDependency
) -> Response:
    """Transcribe a file as OpenAI's API does, with the engine that is loaded here.

    Any model is taken, since the header `Lectern-Engine` says what really heard. Nothing is
    stored: for captions that last, upload a recording of a lesson.
    """
    admitted = await admit(services, caller)
    async with AsyncExitStack() as held:
        held.enter_context(services.transcribed_files.take())
        work = await _begin(request, services, admitted, held)
        headers = {ENGINE_HEADER: admitted.engine.name, "x-request-id": new_id("req")}
        if work.form.stream:
            stream = work.stream()
            held.push_async_callback(stream.aclose)
            return _HeldStream(held.pop_all(), stream, media_type=EVENT_STREAM, headers=headers)
        kind = MEDIA_TYPES[work.form.response_format]
        return Response(await work.body(), media_type=kind, headers=headers)


async def _begin(
    request: Request, services: Services, admitted: Admitted, held: AsyncExitStack
) -> _Work:
    """Read the form, with its file on disk for as long as `held` is open."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as fields:
        given = fields.multi_items()
        form = read_form((name, value) for name, value in given if name != FILE_FIELD)
        language = admitted.language_for(form.asked_language)
        file = fields.get(FILE_FIELD)
        if not isinstance(file, UploadFile):
            raise InvalidInput("The form has no file.", field=FILE_FIELD, fix="Attach the audio.")
        folder = held.enter_context(TemporaryDirectory(prefix="lectern-audio-"))
        path = Path(folder) / "audio"
        await run_in_threadpool(_copy, file, path)

    async def is_wanted() -> bool:
        return not await request.is_disconnected()

    transcription = FileTranscription(
        services.captions,
        language,
        form.vocabulary,
        form.cutting,
        admitted.engine.parallel_windows,
        is_wanted,
    )
    return _Work(form, await open_audio(path), transcription)


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("xb") as copy:
        shutil.copyfileobj(file.file, copy)
