"""Captions as HLS subtitles: a growing playlist of WebVTT segments (RFC 8216)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lessons.caption_formats import Cue, clock, webvtt_blocks
from lessons.captions import Caption

SEGMENT_MS = 6_000
"""Length of a segment; the last one of a lesson that has ended may be shorter."""

HOLD_BACK_MS = 18_000
"""How long after its end a segment is published: the longest utterance lasts 12 s, and the final
of one that began at a segment's end comes a few seconds after that. Three target durations, which
is how far behind the live edge players begin (RFC 8216, section 6.3.3)."""

PTS_VALUES = 2**33
"""MPEG-2 presentation timestamps: 33 bits at 90 kHz."""


@dataclass(frozen=True, slots=True)
class StreamStart:
    """Where the platform's own stream begins.

    Attributes:
        lesson_ms: its first moment on the lesson clock; the first segment begins there.
        pts: the MPEG-2 timestamp of that moment in the platform's media, at 90 kHz.
    """

    lesson_ms: int = 0
    pts: int = 0


@dataclass(frozen=True, slots=True)
class LessonTimes:
    """How far a lesson has come.

    Attributes:
        started_at: the zero of the lesson clock; None before the lesson.
        ended_at: None while it goes on.
        now: the time at which that is so.
    """

    started_at: datetime | None
    ended_at: datetime | None
    now: datetime

    def on_clock(self, moment: datetime) -> int:
        """Return a moment on the lesson clock, in milliseconds."""
        return (moment - (self.started_at or moment)) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Published:
    """The part of a lesson that players may have.

    Attributes:
        start: where its first segment begins.
        length_ms: from there to the end of its last segment.
        complete: nothing will be added to it.
    """

    start: StreamStart
    length_ms: int
    complete: bool

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return -(-self.length_ms // SEGMENT_MS)

    def span_ms(self, number: int) -> tuple[int, int]:
        """Return a segment's beginning and end on the lesson clock."""
        begin = number * SEGMENT_MS
        end = min(begin + SEGMENT_MS, self.length_ms)
        return self.start.lesson_ms + begin, self.start.lesson_ms + end


def published(times: LessonTimes, captions: Sequence[Caption], start: StreamStart) -> Published:
    """Return what of a lesson is published: whole segments, and at the end all of it."""
    settled_ms = times.on_clock(times.now) - HOLD_BACK_MS
    ended_ms = None if times.ended_at is None else times.on_clock(times.ended_at)
    if ended_ms is None or settled_ms < ended_ms:
        whole = max(0, settled_ms - start.lesson_ms) // SEGMENT_MS
        return Published(start, whole * SEGMENT_MS, complete=False)
    # A recording is captioned faster than it lasts: its captions go on behind the lesson's end.
    spoken_ms = max((cue.end_ms for cue, _ in webvtt_blocks(captions)), default=0)
    length_ms = max(0, max(ended_ms, spoken_ms) - start.lesson_ms)
    return Published(start, length_ms, complete=True)


def playlist(part: Published, started_at: datetime | None, query: str = "") -> str:
    """Return the media playlist (RFC 8216, section 4.3): of type EVENT, so it only ever grows.

    Args:
        started_at: the zero of the lesson clock, for EXT-X-PROGRAM-DATE-TIME.
        query: what every segment's address ends with, without `?`; players do not pass on the
            playlist's own.
    """
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:3",
        f"#EXT-X-TARGETDURATION:{SEGMENT_MS // 1000}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:EVENT",
    ]
    if started_at is not None and part.segments:
        begin = started_at + timedelta(milliseconds=part.start.lesson_ms)
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_date_time(begin)}")
    for number in range(part.segments):
        begin_ms, end_ms = part.span_ms(number)
        lines.append(f"#EXTINF:{(end_ms - begin_ms) / 1000:.3f},")
        lines.append(f"segment-{number}.vtt{'?' if query else ''}{query}")
    if part.complete:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def segment(captions: Sequence[Caption], part: Published, number: int) -> str:
    """Return one WebVTT segment (RFC 8216, section 3.5).

    A cue that spans a boundary is in both segments with its whole time. The map's first line joins
    the lesson clock to the platform's media.
    """
    begin_ms, end_ms = part.span_ms(number)
    local = clock(part.start.lesson_ms)
    header = f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:{local},MPEGTS:{part.start.pts}"
    shown = [block for cue, block in webvtt_blocks(captions) if _is_shown(cue, begin_ms, end_ms)]
    return "\n\n".join([header, *shown]) + "\n"


def _is_shown(cue: Cue, begin_ms: int, end_ms: int) -> bool:
    return cue.start_ms < end_ms and cue.end_ms > begin_ms


def _date_time(moment: datetime) -> str:
    """Return a time as ISO 8601 with milliseconds, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
