"""Captions as HLS subtitles: a playlist of WebVTT segments beside the platform's own stream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response

from integrations.captions.hls import (
    PTS_VALUES,
    SEGMENT_MS,
    LessonTimes,
    Published,
    StreamStart,
    playlist,
    published,
    segment,
)
from lessons.captions import Caption, shown
from lessons.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, Unavailable
from lessons.policy import Credential
from lessons.records import Lesson
from serving.web.authentication import StreamCaller
from serving.web.caption_reading import captions_for, disclose_captions
from serving.web.disclosing import ReadingPurpose
from serving.web.problems import documented
from serving.web.revalidation import revalidated
from serving.web.services import Services, ServicesDependency

PLAYLIST = "application/vnd.apple.mpegurl"
WEBVTT = "text/vtt"
LONGEST_LESSON_MS = 31 * 24 * 3600 * 1000
LAST_SEGMENT = LONGEST_LESSON_MS // SEGMENT_MS

StreamStartMs = Annotated[
    int,
    Query(
        ge=0,
        le=LONGEST_LESSON_MS,
        description="Where the platform's own stream begins, in milliseconds on the lesson clock",
    ),
]
Mpegts = Annotated[
    int,
    Query(
        ge=0,
        lt=PTS_VALUES,
        description="MPEG-2 timestamp (90 kHz) of that stream's first moment, for X-TIMESTAMP-MAP",
    ),
]
NoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="ETag that the client has already")
]
UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "The client has it already."}}

router = APIRouter(
    prefix="/v1/lessons/{lesson_id}/captions/hls",
    tags=["captions"],
    responses=UNCHANGED
    | documented(NotAuthenticated, NotAllowed, NotFound, InvalidInput, Unavailable),
)


@router.get(
    "/playlist.m3u8",
    response_class=Response,
    responses={
        200: {
            "description": "A media playlist of type EVENT (RFC 8216).",
            "content": {
                PLAYLIST: {
                    "schema": {"type": "string"},
                    "example": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n"
                    "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT\n"
                    "#EXTINF:6.000,\nsegment-0.vtt\n",
                }
            },
        }
    },
)
async def read_caption_playlist(
    request: Request,
    lesson_id: str,
    caller: StreamCaller,
    services: ServicesDependency,
    stream_start_ms: StreamStartMs = 0,
    mpegts: Mpegts = 0,
    if_none_match: NoneMatch = None,
) -> Response:
    """Read the playlist of a lesson's captions as HLS subtitles; it grows until the lesson ends.

    A segment of 6 s is added 18 s after it, when the finals of its time are there. Its address has
    the playlist's query, `access_token` included, for players can send no header.
    """
    start = StreamStart(stream_start_ms, mpegts)
    lesson, _, part = await _part(services, caller, lesson_id, start)
    text = playlist(part, lesson.started_at, request.url.query)
    return revalidated(text, PLAYLIST, if_none_match)


@router.get(
    "/segment-{number}.vtt",
    response_class=Response,
    responses={
        200: {
            "description": "A WebVTT segment with X-TIMESTAMP-MAP (RFC 8216, section 3.5).",
            "content": {
                WEBVTT: {
                    "schema": {"type": "string"},
                    "example": "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n"
                    "cap_01kb9x5t7v0000000000000000-1\n00:00:12.000 --> 00:00:12.900\n"
                    "<v.learner Ada>three quarters\n",
                }
            },
        }
    },
)
async def read_caption_segment(
    lesson_id: str,
    number: Annotated[int, Path(ge=0, le=LAST_SEGMENT)],
    caller: StreamCaller,
    services: ServicesDependency,
    stream_start_ms: StreamStartMs = 0,
    mpegts: Mpegts = 0,
    if_none_match: NoneMatch = None,
    purpose: ReadingPurpose = None,
) -> Response:
    """Read one published segment. Only a correction or a late final changes it, and its ETag."""
    start = StreamStart(stream_start_ms, mpegts)
    _, captions, part = await _part(services, caller, lesson_id, start)
    if number >= part.segments:
        raise NotFound(
            f"Segment {number} is not published.",
            field="number",
            fix="Read the playlist again: it lists the segments that there are.",
        )
    begin_ms, end_ms = part.span_ms(number)
    spoken = [one for one in captions if one.start_ms < end_ms and one.end_ms >= begin_ms]
    await disclose_captions(services, caller, lesson_id, spoken, purpose)
    return revalidated(segment(spoken, part, number), WEBVTT, if_none_match)


async def _part(
    services: Services, caller: Credential, lesson_id: str, start: StreamStart
) -> tuple[Lesson, list[Caption], Published]:
    """Return the lesson, its captions and what of them is published by now."""
    captions = shown(await captions_for(services, caller, lesson_id))
    lesson = await services.lessons.get_lesson(caller.tenant_id, lesson_id)
    times = LessonTimes(lesson.started_at, lesson.ended_at, datetime.now(UTC))
    return lesson, captions, published(times, captions, start)
