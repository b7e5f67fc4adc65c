"""WHIP (RFC 9725): publish a microphone and a camera into a lesson with any WHIP client."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response

from lessons.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Overloaded,
    Unavailable,
    UnsupportedMedia,
)
from lessons.policy import Action, Credential, Resource
from serving.web.authentication import Caller, bearer_token
from serving.web.authorization import authorize
from serving.web.problems import PreconditionFailed, TooLarge, documented
from serving.web.services import ServicesDependency
from serving.web.worker_calls import SDP_FRAGMENT_MEDIA_TYPE, SDP_MEDIA_TYPE, call_peer, publish

EXAMPLE_SDP = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n..."
)

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/whip",
    tags=["WHIP"],
    responses=documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


@router.options("", status_code=204)
async def describe_endpoint(lesson_id: str) -> Response:  # noqa: ARG001 - part of the path
    """Tell a WHIP client what the endpoint takes (`Accept-Post`)."""
    headers = {"Accept-Post": SDP_MEDIA_TYPE, "Allow": "POST, OPTIONS"}
    return Response(status_code=204, headers=headers)


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses=documented(Conflict, UnsupportedMedia, TooLarge, Overloaded, Unavailable)
    | {
        201: {
            "description": "The answer. `Location` is the peer, to PATCH and DELETE.",
            "content": {SDP_MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE_SDP}},
            "headers": {
                "Location": {"schema": {"type": "string"}, "description": "Path of the peer"},
                "ETag": {"schema": {"type": "string"}, "description": "The ICE session"},
                "Link": {"schema": {"type": "string"}, "description": "STUN and TURN servers"},
            },
        }
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {SDP_MEDIA_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE_SDP}},
        }
    },
)
async def publish_media(
    lesson_id: str, request: Request, caller: Caller, services: ServicesDependency
) -> Response:
    """Publish with a participant token; the lesson starts with its first publisher.

    The offer goes to the least loaded ingest worker. 503 with `Retry-After` means that all of them
    are past their admission limit, or that the captioner has no headroom for another lesson
    (`no_headroom`); lessons that are live already go on and may have a few more peers.
    """
    await authorize(services, caller, Action.PUBLISH, Resource.MEDIA, lesson_id=lesson_id)
    _require_participant(caller)
    _require_media_type(request, SDP_MEDIA_TYPE)
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    if lesson.status == "ended":
        raise Conflict("The lesson has ended.", field="lesson_id", fix="Create a new lesson.")
    offer = await request.body()
    worker, peer = await publish(
        services, lesson_id, bearer_token(request) or "", offer, live=lesson.status == "live"
    )
    response = Response(peer.sdp, status_code=201, media_type=SDP_MEDIA_TYPE)
    response.headers["Location"] = f"/v1/lessons/{lesson_id}/whip/{worker.id}/{peer.peer_id}"
    response.headers["ETag"] = _entity_tag(peer.peer_id)
    response.headers["Accept-Patch"] = SDP_FRAGMENT_MEDIA_TYPE
    for url in services.settings.ice_servers:
        response.headers.append("Link", f'<{url}>; rel="ice-server"')
    return response


@router.patch(
    "/{worker_id}/{peer_id}",
    status_code=204,
    responses=documented(UnsupportedMedia, TooLarge, PreconditionFailed),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                SDP_FRAGMENT_MEDIA_TYPE: {
                    "schema": {"type": "string"},
                    "example": "a=ice-ufrag:EsAw\r\na=ice-pwd:...\r\nm=audio 9 RTP/AVP 0\r\n"
                    "a=mid:0\r\na=candidate:1 1 UDP 2130706431 192.0.2.1 50000 typ host\r\n",
                }
            },
        }
    },
)
async def add_candidates(
    lesson_id: str,
    worker_id: str,
    peer_id: str,
    request: Request,
    caller: Caller,
    services: ServicesDependency,
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Add trickled ICE candidates. ICE restarts are refused: a peer has one ICE session."""
    await authorize(services, caller, Action.PUBLISH, Resource.MEDIA, lesson_id=lesson_id)
    _require_media_type(request, SDP_FRAGMENT_MEDIA_TYPE)
    if if_match not in (None, "*", _entity_tag(peer_id)):
        raise PreconditionFailed(
            "The entity tag is not that of this peer's ICE session.",
            field="If-Match",
            fix="Send the ETag of the 201 answer, or publish anew.",
        )
    token = bearer_token(request) or ""
    await call_peer(services, worker_id, peer_id, "PATCH", token, await request.body())
    return Response(status_code=204)


@router.delete("/{worker_id}/{peer_id}")
async def stop_publishing(
    lesson_id: str,
    worker_id: str,
    peer_id: str,
    request: Request,
    caller: Caller,
    services: ServicesDependency,
) -> Response:
    """End the peer; its last words still become final captions."""
    await authorize(services, caller, Action.PUBLISH, Resource.MEDIA, lesson_id=lesson_id)
    await call_peer(services, worker_id, peer_id, "DELETE", bearer_token(request) or "")
    return Response(status_code=200)


def _require_participant(caller: Credential) -> None:
    if caller.participant_id is None:
        raise NotAllowed(
            "An API key says no speaker's name.",
            field="Authorization",
            fix="Publish with a token of POST /v1/lessons/{id}/participants/{pid}/token.",
        )


def _entity_tag(peer_id: str) -> str:
    return f'"{peer_id}"'


def _require_media_type(request: Request, expected: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != expected:
        raise UnsupportedMedia(
            f"The body is {given or 'of no stated type'}.",
            field="Content-Type",
            fix=f"Send 'Content-Type: {expected}'.",
        )
