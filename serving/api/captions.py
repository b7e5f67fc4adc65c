"""Captions of a lesson as WebVTT, SubRip, plain text or JSON, and their corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import ConfigDict, Field

from lessons.caption_formats import to_json, to_srt, to_text, to_webvtt
from lessons.captions import Caption, shown
from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Unavailable,
)
from lessons.policy import Action, Resource
from lessons.records import Record
from lessons.store.caption_corrections import CorrectedText
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.caption_reading import captions_for, disclose_captions
from serving.web.disclosing import ReadingPurpose
from serving.web.problems import documented
from serving.web.services import ServicesDependency
from serving.web.translated_reading import in_language

LANGUAGE_CODE = r"^[a-z]{2,3}$"

CORRECTING = "putting a masked caption right"

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}",
    tags=["captions"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class CaptionFormat(StrEnum):
    """File formats of captions."""

    VTT = "vtt"
    SRT = "srt"
    TXT = "txt"
    JSON = "json"


WRITERS: Mapping[CaptionFormat, tuple[str, Callable[[Sequence[Caption]], str]]] = {
    CaptionFormat.VTT: ("text/vtt", to_webvtt),
    CaptionFormat.SRT: ("application/x-subrip", to_srt),
    CaptionFormat.TXT: ("text/plain", to_text),
    CaptionFormat.JSON: ("application/json", to_json),
}


class Correction(RequestModel):
    """The right words of a caption; the first ones stay in the ledger."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "three quarters of it", "reason": "words were missing", "revision": 4}
            ]
        }
    )

    text: str = Field(min_length=1, max_length=10_000)
    reason: str | None = Field(default=None, max_length=1_000)
    revision: int | None = Field(
        default=None, ge=1, description="The one that was seen; null corrects what stands there"
    )


class UnmaskedCaption(Record):
    """What a caption says where nothing is masked, for whoever puts it right."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "caption_id": "cap_01kb9x5t7v0000000000000000",
                    "revision": 4,
                    "text": "write to ada@example.org",
                }
            ]
        }
    )

    caption_id: str
    revision: int
    text: str


@router.get(
    "/captions.{file_format}",
    response_class=Response,
    responses={
        200: {
            "description": "The final captions, corrections applied.",
            "content": {
                "text/vtt": {
                    "schema": {"type": "string"},
                    "example": "WEBVTT\n\n00:00:12.000 --> 00:00:12.900\n<v Ada>three quarters\n",
                },
                "application/x-subrip": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
                "application/json": {"schema": {"type": "object"}},
            },
        }
    },
)
async def download_captions(
    lesson_id: str,
    file_format: CaptionFormat,
    caller: Caller,
    services: ServicesDependency,
    purpose: ReadingPurpose = None,
    language: Annotated[
        str | None,
        Query(pattern=LANGUAGE_CODE, description="ISO 639 code of a language to read them in"),
    ] = None,
) -> Response:
    """Read all final captions so far. Live ones come with the events.

    What the engine heard while a captioner took over is only in the JSON, as `superseded`.

    With `language` each caption is in that language where its newest revision is translated, and
    else as it was said, marked: `<lang en>` in WebVTT, `[en]` in SubRip and text, `untranslated`
    in JSON, which has `original_text` for all of them. 404 where nobody asked for that language.
    """
    captions: Sequence[Caption] = await captions_for(services, caller, lesson_id)
    if language is not None:
        captions = await in_language(services, caller, lesson_id, captions, language)
    if file_format is not CaptionFormat.JSON:
        captions = shown(captions)
    await disclose_captions(services, caller, lesson_id, captions, purpose)
    media_type, write = WRITERS[file_format]
    return Response(
        write(captions),
        media_type=media_type,
        headers={
            "Cache-Control": "no-cache",
            "Content-Disposition": f'inline; filename="{lesson_id}.{file_format}"',
        },
    )


@router.post("/captions/{caption_id}/corrections", status_code=201, responses=documented(Conflict))
async def correct_caption(
    lesson_id: str,
    caption_id: str,
    body: Correction,
    caller: Caller,
    services: ServicesDependency,
) -> dict[str, Any]:
    """Put a final caption right; the answer is the `caption.corrected` event.

    With `revision` only that revision is corrected: 409 says what the caption says by now, if
    somebody else was faster. Where the tenant has words masked, a `***` in the text keeps what was
    said there, as long as all of the caption's are in it.
    """
    await authorize(services, caller, Action.CORRECT, Resource.CAPTION, lesson_id=lesson_id)
    wanted = CorrectedText(
        text=body.text,
        corrected_by=caller.actor,
        participant_id=caller.participant_id,
        reason=body.reason,
        seen_revision=body.revision,
    )
    event = await services.caption_corrections.correct(
        caller.tenant_id, lesson_id, caption_id, wanted
    )
    return event.to_wire()


@router.get("/captions/{caption_id}/unmasked", response_model=UnmaskedCaption)
async def read_unmasked_caption(
    lesson_id: str,
    caption_id: str,
    caller: Caller,
    services: ServicesDependency,
    purpose: ReadingPurpose = None,
) -> UnmaskedCaption:
    """Read one caption with nothing masked, to put it right: only for who may correct it.

    The disclosure log has it as `unmasked captions`.
    """
    await authorize(services, caller, Action.CORRECT, Resource.CAPTION, lesson_id=lesson_id)
    access = await authorize(services, caller, Action.READ, Resource.CAPTION, lesson_id=lesson_id)
    corrections = services.caption_corrections
    caption = await corrections.unmasked(caller.tenant_id, lesson_id, caption_id)
    if not access.covers(caption.participant_id):
        raise NotFound(f"The lesson has no caption {caption_id!r}.", field="caption_id")
    await services.disclosures.record(
        caller,
        "unmasked captions",
        lesson_id=lesson_id,
        participant_ids=[caption.participant_id],
        purpose=purpose or CORRECTING,
    )
    return UnmaskedCaption(
        caption_id=caption.caption_id, revision=caption.revision, text=caption.text
    )
