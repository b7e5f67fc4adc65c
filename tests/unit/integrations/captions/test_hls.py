"""HLS subtitles: what is published when, and what a player finds in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import m3u8
from hypothesis import given
from hypothesis import strategies as st

from integrations.captions.hls import (
    HOLD_BACK_MS,
    SEGMENT_MS,
    LessonTimes,
    Published,
    StreamStart,
    playlist,
    published,
    segment,
)
from lessons.caption_formats import to_webvtt
from lessons.captions import Caption
from tests.unit.integrations.captions.spoken import caption

BEGIN = datetime(2026, 11, 22, 10, 15, 30, 250_000, tzinfo=UTC)
SPOKEN = [
    caption("three quarters", 1_000, 2_500),
    caption("of <it> & more", 5_000, 7_000, participant_name="Ines", role="instructor"),
]

GOLDEN_PLAYLIST = """\
#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:6
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T10:15:30.250Z
#EXTINF:6.000,
segment-0.vtt?access_token=t
#EXTINF:2.500,
segment-1.vtt?access_token=t
#EXT-X-ENDLIST
"""

GOLDEN_SEGMENT = """\
WEBVTT
X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:126000

cap_5000-1
00:00:05.000 --> 00:00:07.000
<v.instructor Ines>of &lt;it&gt; &amp; more
"""


def at(now_ms: int, ended_ms: int | None = None) -> LessonTimes:
    ended = None if ended_ms is None else BEGIN + timedelta(milliseconds=ended_ms)
    return LessonTimes(BEGIN, ended, BEGIN + timedelta(milliseconds=now_ms))


def test_the_playlist_of_a_lesson_that_has_ended() -> None:
    part = published(at(100_000, ended_ms=8_500), SPOKEN, StreamStart())
    assert playlist(part, BEGIN, "access_token=t") == GOLDEN_PLAYLIST


def test_a_segment_maps_the_lesson_clock_to_the_media_and_has_the_cue_of_the_boundary() -> None:
    part = published(at(100_000, ended_ms=8_500), SPOKEN, StreamStart(pts=126_000))
    assert segment(SPOKEN, part, 1) == GOLDEN_SEGMENT
    assert "cap_1000-1" in segment(SPOKEN, part, 0)
    assert "00:00:05.000 --> 00:00:07.000" in segment(SPOKEN, part, 0)


def test_a_live_playlist_adds_a_segment_once_its_finals_are_there() -> None:
    one = SEGMENT_MS + HOLD_BACK_MS
    assert published(at(one - 1), [], StreamStart()).segments == 0
    assert published(at(one), [], StreamStart()).segments == 1
    assert "#EXT-X-ENDLIST" not in playlist(published(at(one), [], StreamStart()), BEGIN)


def test_it_goes_on_for_the_last_finals_after_the_lesson_has_ended() -> None:
    ended_ms = 8_500
    assert not published(at(ended_ms + HOLD_BACK_MS - 1, ended_ms), [], StreamStart()).complete
    assert published(at(ended_ms + HOLD_BACK_MS, ended_ms), [], StreamStart()).complete


def test_before_the_lesson_there_is_a_playlist_without_segments() -> None:
    waiting = LessonTimes(None, None, BEGIN)
    text = playlist(published(waiting, [], StreamStart()), None)
    assert "EXTINF" not in text
    assert "ENDLIST" not in text


def test_a_recording_is_published_to_its_last_word() -> None:
    long = [caption("it lasts", 50_000, 61_000)]
    part = published(at(40_000, ended_ms=3_000), long, StreamStart())
    assert part.length_ms == 61_000
    assert "it lasts" in segment(long, part, part.segments - 1)


def test_segments_begin_where_the_platform_s_stream_does() -> None:
    start = StreamStart(lesson_ms=4_000, pts=900_000)
    part = published(at(100_000, ended_ms=8_500), SPOKEN, start)
    text = segment(SPOKEN, part, 0)
    assert text.startswith("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:04.000,MPEGTS:900000\n")
    assert "cap_1000" not in text
    assert "#EXT-X-PROGRAM-DATE-TIME:2026-11-22T10:15:34.250Z" in playlist(part, BEGIN)


def test_a_segment_without_speech_is_a_header() -> None:
    part = Published(StreamStart(), 12_000, complete=False)
    assert segment(SPOKEN[:1], part, 1) == ("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n")


SPEECH = st.lists(
    st.tuples(st.integers(0, 60_000), st.integers(0, 12_000)), max_size=8, unique_by=lambda x: x[0]
).map(lambda spans: [caption("some words that are said", a, a + n) for a, n in spans])


@given(SPEECH, st.integers(0, 20_000), st.integers(0, 60_000))
def test_every_cue_is_in_exactly_the_segments_in_whose_time_it_shows(
    captions: list[Caption], start_ms: int, ended_ms: int
) -> None:
    part = published(at(200_000, ended_ms), captions, StreamStart(start_ms))
    for number in range(part.segments):
        begin, end = part.span_ms(number)
        assert begin < end
        expected = {
            one for one, (first, last) in _cues(captions).items() if first < end and last > begin
        }
        assert set(_cue_ids(segment(captions, part, number))) == expected
    shown = {one for n in range(part.segments) for one in _cue_ids(segment(captions, part, n))}
    assert shown == {one for one, (_, last) in _cues(captions).items() if last > start_ms}


@given(st.lists(st.integers(0, 200_000), min_size=2, max_size=12), st.integers(0, 90_000))
def test_a_playlist_is_only_ever_added_to(moments: list[int], ended_ms: int) -> None:
    before: list[str] = []
    for now in sorted(moments):
        ended = ended_ms if now >= ended_ms else None
        text = playlist(published(at(now, ended), SPOKEN, StreamStart()), BEGIN)
        read = m3u8.loads(text)
        assert read.playlist_type == "event"
        assert all(one.duration <= read.target_duration for one in read.segments)
        addresses = [one.uri for one in read.segments]
        assert addresses[: len(before)] == before
        before = addresses


def test_another_library_reads_the_playlist() -> None:
    read = m3u8.loads(GOLDEN_PLAYLIST, uri="https://lectern.example/hls/playlist.m3u8")
    assert read.is_endlist
    assert (read.media_sequence, read.target_duration, read.version) == (0, 6, 3)
    assert read.segments[0].program_date_time == BEGIN
    assert read.segments[1].absolute_uri == (
        "https://lectern.example/hls/segment-1.vtt?access_token=t"
    )


def _cue_ids(text: str) -> list[str]:
    return re.findall(r"^(cap_\S+)$", text, re.MULTILINE)


def _cues(captions: list[Caption]) -> dict[str, tuple[int, int]]:
    """Return every cue's time by the cue's name, as the captions' file has them."""
    pattern = r"^(cap_\S+)\n(\S+) --> (\S+)$"
    found = re.findall(pattern, to_webvtt(captions), re.MULTILINE)
    return {name: (_ms(first), _ms(last)) for name, first, last in found}


def _ms(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)
