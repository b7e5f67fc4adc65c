"""Where a lesson's captions are sent to by themselves: a Zoom meeting's closed captions."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, ConfigDict, Field

from integrations.captions.zoom import host_of
from integrations.webhooks.sender import MAX_URL_CHARACTERS
from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Action, Credential, Resource
from lessons.records import Record
from lessons.store.caption_outputs import CaptionOutput, OutputStatus
from serving.api.requests import RequestModel
from serving.web.authentication import Caller
from serving.web.authorization import authorize
from serving.web.problems import documented
from serving.web.services import Services, ServicesDependency

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/caption-outputs/zoom",
    tags=["captions"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


class ZoomMeeting(RequestModel):
    """A meeting that takes captions. Its URL is a secret: it is kept sealed and never shown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://wmcc.zoom.us/closedcaption?id=200610693&ns=GZHkEA&expire=86400"
                    "&sparams=id%2Cns%2Cexpire&signature=nYtXJqRKCW",
                    "language": "en-US",
                }
            ]
        }
    )

    url: str = Field(
        max_length=MAX_URL_CHARACTERS,
        description="What 'Copy the API token' under 'Closed Caption' gives in the meeting",
    )
    language: str = Field(
        default="en-US",
        pattern=r"^[a-z]{2,3}-[A-Z]{2}$",
        description="Of the captions, as Zoom writes it",
    )


class ZoomOutput(Record):
    """How the sending to a meeting goes. `last_error` is null once a line was taken again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "host": "wmcc.zoom.us",
                    "language": "en-US",
                    "status": "active",
                    "sent": 41,
                    "failed_attempts": 0,
                    "last_error": None,
                    "last_error_at": None,
                    "last_sent_at": "2026-11-22T10:15:31Z",
                    "created_at": "2026-11-22T10:00:00Z",
                }
            ]
        }
    )

    host: str
    language: str
    status: OutputStatus = Field(
        description="`stopped`: it was given up, an hour after the lesson; PUT it again to go on"
    )
    sent: int = Field(description="Lines that the meeting has taken")
    failed_attempts: int = Field(description="In a row, since the last line that was taken")
    last_error: str | None
    last_error_at: AwareDatetime | None
    last_sent_at: AwareDatetime | None
    created_at: AwareDatetime


@router.put("", response_model=ZoomOutput)
async def send_captions_to_zoom(
    lesson_id: str, body: ZoomMeeting, caller: Caller, services: ServicesDependency
) -> ZoomOutput:
    """Send the lesson's finals into a Zoom meeting, from now on.

    Each goes out once, in the order of the ledger and with its speaker's name, about a line a
    second. Put another URL, and it goes on there where it was. Corrections are not sent, for Zoom
    takes nothing back. What the engine hears while a captioner types is left out, and so is whoever
    has refused that their data be shared.
    """
    await _authorize(services, caller, Action.UPDATE, lesson_id)
    await authorize(services, caller, Action.READ, Resource.CAPTION, lesson_id=lesson_id)
    await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    await services.webhook_sender.check_url(body.url)
    output = await services.caption_outputs.put(
        caller.tenant_id,
        lesson_id,
        url=body.url,
        host=host_of(body.url),
        language=body.language,
    )
    await services.jobs.wake_zoom(caller.tenant_id, lesson_id)
    return _view(output)


@router.get("", response_model=ZoomOutput)
async def read_zoom_output(
    lesson_id: str, caller: Caller, services: ServicesDependency
) -> ZoomOutput:
    """Read how the sending goes: what the meeting has taken, and why it took the last line not."""
    await _authorize(services, caller, Action.READ, lesson_id)
    return _view(await services.caption_outputs.get(caller.tenant_id, lesson_id))


@router.delete("", status_code=204)
async def stop_captions_to_zoom(
    lesson_id: str, caller: Caller, services: ServicesDependency
) -> Response:
    """Send no more, and forget the meeting's URL."""
    await _authorize(services, caller, Action.DELETE, lesson_id)
    await services.caption_outputs.delete(caller.tenant_id, lesson_id)
    return Response(status_code=204)


async def _authorize(
    services: Services, caller: Credential, action: Action, lesson_id: str
) -> None:
    await authorize(services, caller, action, Resource.CAPTION_OUTPUT, lesson_id=lesson_id)


def _view(output: CaptionOutput) -> ZoomOutput:
    return ZoomOutput.model_validate(output.model_dump(include=set(ZoomOutput.model_fields)))
