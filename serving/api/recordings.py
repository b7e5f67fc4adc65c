"""Recordings: upload a file of a lesson, follow its way through the pipeline."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from lessons.errors import (
    Conflict,
    InvalidInput,
    LecternError,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
    UnsupportedMedia,
)
from lessons.identifiers import new_id
from lessons.policy import Action, Resource
from lessons.privacy.consent import purposes_of_track
from lessons.records import Participant, Recording, RecordingFile, RecordingStatus
from lessons.tenants import TenantSettings, require_allowed_engine, require_feature
from serving.api.models import read_models
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import TooLarge, documented
from serving.web.services import Services, ServicesDependency
from serving.web.uploads import PARTICIPANTS_FIELD, Upload, receive_upload

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/recordings",
    tags=["recordings"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class RecordingFileView(BaseModel):
    """One file of a recording and whose voice is on it (null: unattributed)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "ada.opus", "participant_id": "par_01kb9x5t7v0000000000000000"}]
        }
    )

    name: str
    participant_id: str | None = None


class RecordingView(BaseModel):
    """A recording on its way through the pipeline; `error` says why it failed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "rec_01kb9x5t7v0000000000000000",
                    "lesson_id": "les_01kb9x5t7v0000000000000000",
                    "status": "processing",
                    "progress": 0.4,
                    "duration_ms": 118000,
                    "error": None,
                    "files": [
                        {"name": "ada.opus", "participant_id": "par_01kb9x5t7v0000000000000000"}
                    ],
                }
            ]
        }
    )

    id: str
    lesson_id: str
    status: RecordingStatus
    progress: float = Field(ge=0, le=1)
    duration_ms: int | None = None
    error: str | None = None
    files: list[RecordingFileView]


UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "One file per speaker, or one with a track for each.",
                        },
                        PARTICIPANTS_FIELD: {
                            "type": "string",
                            "description": "JSON list: for each file the id or name of its "
                            "participant, or null.",
                            "example": '["par_01kb9x5t7v0000000000000000", null]',
                        },
                    },
                    "required": ["files"],
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=202,
    response_model=RecordingView,
    responses=documented(Conflict, UnsupportedMedia, TooLarge),
    openapi_extra=UPLOAD_BODY,
)
async def upload_recording(
    lesson_id: str, request: Request, caller: Caller, services: ServicesDependency
) -> Recording:
    """Upload a recording. It gives the same events as a live lesson, faster than real time.

    Follow it at the recording's own path, or as `recording.progress` in the event stream.
    """
    await authorize(services, caller, Action.CREATE, Resource.RECORDING, lesson_id=lesson_id)
    tenant = await services.tenants.settings(caller.tenant_id)
    require_feature(tenant, "recordings")
    await _require_allowed_engine(services, tenant)
    people = await services.lessons.list_participants(caller.tenant_id, lesson_id)
    recording_id = new_id("rec")
    folder = services.settings.data_dir / "recordings" / recording_id
    upload = await receive_upload(request, folder)
    try:
        files = _attributed(upload, people)
        await _require_consent(services, caller.tenant_id, lesson_id, files)
        recording = await services.recordings.create(
            caller.tenant_id, lesson_id, files, recording_id
        )
    except LecternError:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
        raise
    await _enqueue(services, caller.tenant_id, recording)
    return recording


@router.get("/{recording_id}", response_model=RecordingView)
async def get_recording(
    lesson_id: str, recording_id: str, caller: Caller, services: ServicesDependency
) -> Recording:
    """Read how far a recording is."""
    await authorize(services, caller, Action.READ, Resource.RECORDING, lesson_id=lesson_id)
    return await services.recordings.get(caller.tenant_id, lesson_id, recording_id)


async def _require_consent(
    services: Services, tenant_id: str, lesson_id: str, files: Sequence[RecordingFile]
) -> None:
    """Refuse a recording of somebody whose consent does not cover it, before it is kept.

    Raises:
        ConsentMissing: names them and the purpose.
    """
    for file in files:
        if file.participant_id is not None:
            consent = await services.consents.of_participant(
                tenant_id, lesson_id, file.participant_id
            )
            consent.require(purposes_of_track("audio", "recording"), file.participant_id)


async def _require_allowed_engine(services: Services, tenant: TenantSettings) -> None:
    """Refuse a recording that the loaded caption engine may not hear."""
    if tenant.engines_allowed is not None:
        captions = (await read_models(services)).captions.model_dump()
        require_allowed_engine(tenant, captions.get("engine"))


async def _enqueue(services: Services, tenant_id: str, recording: Recording) -> None:
    """Queue the work; where that fails, the recording says so instead of waiting for ever."""
    try:
        await services.jobs.enqueue_recording(tenant_id, recording.lesson_id, recording.id)
    except Unavailable as error:
        await services.recordings.fail(tenant_id, recording.id, error.reason)
        raise


def _attributed(upload: Upload, people: Sequence[Participant]) -> list[RecordingFile]:
    """Give each file its participant.

    Raises:
        InvalidInput: the list is malformed, or names somebody who is not in the lesson.
    """
    names = _participant_names(upload)
    return [
        RecordingFile(
            name=file.name,
            path=str(file.path),
            participant_id=_participant_id(name, people, index),
        )
        for index, (file, name) in enumerate(zip(upload.files, names, strict=True))
    ]


def _participant_names(upload: Upload) -> list[str | None]:
    text = upload.fields.get(PARTICIPANTS_FIELD)
    if not text:
        return [None] * len(upload.files)
    try:
        names = json.loads(text)
    except json.JSONDecodeError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str | None) for name in names):
        raise InvalidInput(
            "It is not a JSON list of ids or names.",
            field=PARTICIPANTS_FIELD,
            fix='Send, for example, ["par_...", null].',
        )
    if len(names) != len(upload.files):
        raise InvalidInput(
            f"It names {len(names)} participants for {len(upload.files)} files.",
            field=PARTICIPANTS_FIELD,
            fix="Send one id, name or null for each file.",
        )
    return names


def _participant_id(name: str | None, people: Sequence[Participant], index: int) -> str | None:
    if name is None:
        return None
    found = [person.id for person in people if name in (person.id, person.name)]
    if len(found) == 1:
        return found[0]
    reason = "names several participants" if found else "is no participant of the lesson"
    raise InvalidInput(
        f"{name!r} {reason}.",
        field=f"{PARTICIPANTS_FIELD}[{index}]",
        fix="Add them at POST /v1/lessons/{id}/participants, and send the id from there.",
    )
