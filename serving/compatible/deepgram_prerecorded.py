"""Deepgram's `POST /v1/listen`: a file in, its words out, nothing stored."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.requests import HTTPConnection
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from lessons.errors import UnsupportedMedia
from lessons.policy import Credential
from serving.compatible.admission import ENGINE_HEADER, admit
from serving.compatible.deepgram_errors import DEEPGRAM_ERRORS, DeepgramRoute
from serving.compatible.deepgram_live import deepgram_token
from serving.compatible.deepgram_messages import Answering, prerecorded
from serving.compatible.deepgram_options import read_options
from serving.compatible.file_transcription import FileTranscription, open_audio
from serving.web.authentication import bearer_scheme, caller_with
from serving.web.services import ServicesDependency

AUDIO_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The words, as Deepgram's API has them",
        "content": {"application/json": {"schema": {"type": "object"}}},
        "headers": {
            ENGINE_HEADER: {"schema": {"type": "string"}, "description": "What really heard"}
        },
    }
}

router = APIRouter(prefix="/v1", tags=["client APIs"], route_class=DeepgramRoute)


async def authenticate_deepgram(
    connection: HTTPConnection,
    services: ServicesDependency,
    _documented: Annotated[object, Depends(bearer_scheme)] = None,
) -> Credential:
    """Dependency: the caller by `Authorization: Token <key>`, or `Bearer`."""
    return await caller_with(connection, services, deepgram_token(connection))


@router.post(
    "/listen",
    response_class=JSONResponse,
    responses=ANSWERS | DEEPGRAM_ERRORS,
    openapi_extra=AUDIO_BODY,
)
async def transcribe_prerecorded(
    request: Request,
    caller: Annotated[Credential, Depends(authenticate_deepgram)],
    services: ServicesDependency,
) -> JSONResponse:
    """Transcribe a file as Deepgram's API does, with the engine that is loaded here.

    Any model is taken, since the header `Lectern-Engine` says what really heard. Nothing is
    stored, and no address is fetched: the audio is the body.
    """
    admitted = await admit(services, caller)
    options = read_options(request.query_params.multi_items())
    language = admitted.language_for(options.language)
    answering = Answering(admitted.engine, options.channels)
    _require_audio(request)

    async def is_wanted() -> bool:
        return not await request.is_disconnected()

    with (
        services.transcribed_files.take(),
        TemporaryDirectory(prefix="lectern-audio-") as folder,
    ):
        path = Path(folder) / "audio"
        await _keep(request, path, answering)
        audio = await open_audio(path)
        transcription = FileTranscription(
            services.captions,
            language,
            options.vocabulary,
            options.cutting,
            admitted.engine.parallel_windows,
            is_wanted,
        )
        transcript = await transcription.transcript(audio)
    return JSONResponse(
        prerecorded(answering, transcript, utterances=options.utterances),
        headers={
            ENGINE_HEADER: admitted.engine.name,
            "dg-request-id": answering.request_id,
        },
    )


async def _keep(request: Request, path: Path, answering: Answering) -> None:
    """Write the body to disk as it arrives."""
    with path.open("xb") as file:
        async for chunk in request.stream():
            answering.digest.update(chunk)
            await run_in_threadpool(file.write, chunk)


def _require_audio(request: Request) -> None:
    if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
        raise UnsupportedMedia(
            "Lectern fetches no audio from addresses.",
            field="url",
            fix="Send the audio itself as the body.",
        )
